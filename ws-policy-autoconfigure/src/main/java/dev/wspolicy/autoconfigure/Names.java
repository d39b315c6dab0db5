package dev.wspolicy.autoconfigure;

import java.util.Locale;

/**
 * Names of beans as they stand in configuration.
 */
final class Names {

	private Names() {
	}

	/**
	 * A bean's name in kebab case: {@code maskCardNumbers} as {@code mask-card-numbers}.
	 */
	static String kebab(String name) {
		return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").replace('_', '-').toLowerCase(Locale.ROOT);
	}

}
