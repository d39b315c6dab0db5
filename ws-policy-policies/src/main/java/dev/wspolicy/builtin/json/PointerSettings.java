package dev.wspolicy.builtin.json;

import dev.wspolicy.json.PointerPattern;

/**
 * Parses JSON pointers in settings.
 */
final class PointerSettings {

	private PointerSettings() {
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
