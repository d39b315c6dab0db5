package dev.wspolicy.autoconfigure;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Suggests a known name for an unknown one.
 */
final class NameSuggestion {

	private static final int MAX_DISTANCE = 3;

	private NameSuggestion() {
	}

	static String remedy(String name, Collection<String> known) {
		if (known.isEmpty()) {
			return "There are no such names.";
		}
		String nearest = nearest(name, known);
		String advice = (nearest != null) ? "Did you mean '" + nearest + "'? " : "";
		return advice + known(known);
	}

	/** Return a sentence that lists the names. */
	static String known(Collection<String> names) {
		return "Known names: " + String.join(", ", new TreeSet<>(names)) + ".";
	}

	private static @Nullable String nearest(String name, Collection<String> known) {
		String nearest = null;
		int least = Math.min(MAX_DISTANCE, Math.max(1, name.length() / 2)) + 1;
		for (String candidate : List.copyOf(known)) {
			int distance = distance(name, candidate);
			if (distance < least) {
				least = distance;
				nearest = candidate;
			}
		}
		return nearest;
	}

	/** Return the Levenshtein distance. */
	private static int distance(String one, String other) {
		int[] previous = new int[other.length() + 1];
		for (int j = 0; j <= other.length(); j++) {
			previous[j] = j;
		}
		for (int i = 1; i <= one.length(); i++) {
			int[] current = new int[other.length() + 1];
			current[0] = i;
			for (int j = 1; j <= other.length(); j++) {
				int replaced = previous[j - 1] + ((one.charAt(i - 1) != other.charAt(j - 1)) ? 1 : 0);
				current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
			}
			previous = current;
		}
		return previous[other.length()];
	}

}
