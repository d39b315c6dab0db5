package dev.wspolicy.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A name in which {@code *} stands for any characters, including none.
 */
public final class NamePattern {

	private final String text;

	private final Pattern pattern;

	private NamePattern(String text) {
		this.text = text;
		List<String> literals = new ArrayList<>();
		for (String literal : text.split("\\*", -1)) {
			literals.add(Pattern.quote(literal));
		}
		this.pattern = Pattern.compile(String.join(".*", literals), Pattern.DOTALL);
	}

	/**
	 * Creates a pattern.
	 * @param text the text of the pattern
	 * @return the pattern
	 */
	public static NamePattern of(String text) {
		return new NamePattern(text);
	}

	/**
	 * Whether a list of patterns admits a name.
	 * @param patterns the patterns; an empty list admits everything
	 * @param name the name; {@code null} is admitted by an empty list only
	 * @return {@code true} if the list is empty or one of its patterns matches
	 */
	public static boolean admits(List<NamePattern> patterns, @Nullable String name) {
		if (patterns.isEmpty()) {
			return true;
		}
		if (name == null) {
			return false;
		}
		for (NamePattern pattern : patterns) {
			if (pattern.pattern.matcher(name).matches()) {
				return true;
			}
		}
		return false;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
