package dev.wspolicy.autoconfigure;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Compares names of beans and pipelines in the relaxed forms that configuration allows.
 */
final class RelaxedNames {

	private RelaxedNames() {
	}

	/**
	 * Return a name in kebab case, such as {@code mask-card-numbers} for
	 * {@code maskCardNumbers}.
	 */
	static String kebab(String name) {
		return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").replace('_', '-').toLowerCase(Locale.ROOT);
	}

	/**
	 * Return a form that is the same for all relaxed forms of a name, because environment
	 * variables have neither dashes nor case.
	 */
	static String uniform(String name) {
		return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
	}

	/**
	 * Return the known name that a name in the configuration refers to.
	 * @param name the name in the configuration
	 * @param known the known names, in kebab case
	 * @return the known name with the same kebab case, else the only known name with the
	 * same uniform form, else the kebab case of the name itself
	 */
	static String resolve(String name, Collection<String> known) {
		String kebab = kebab(name);
		if (known.contains(kebab)) {
			return kebab;
		}
		List<String> alike = known.stream().filter((other) -> uniform(other).equals(uniform(name))).distinct().toList();
		return (alike.size() == 1) ? alike.get(0) : kebab;
	}

}
