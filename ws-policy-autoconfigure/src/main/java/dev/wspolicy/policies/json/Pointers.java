package dev.wspolicy.policies.json;

import dev.wspolicy.json.PointerPattern;

/**
 * Pointers as they stand in settings.
 */
final class Pointers {

	private Pointers() {
	}

	static PointerPattern parse(String setting, String pointer) {
		try {
			return PointerPattern.of(pointer);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(setting + ": " + ex.getMessage(), ex);
		}
	}

}
