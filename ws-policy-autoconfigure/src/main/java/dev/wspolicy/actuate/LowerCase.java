package dev.wspolicy.actuate;

import java.util.Locale;

/**
 * The words of the wire in JSON: directions, sides, types of frames and verdicts are
 * written as in meters and log lines. Settings have the names of their constants, as in
 * Spring Boot's own endpoints.
 */
final class LowerCase {

	private LowerCase() {
	}

	static String of(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT);
	}

}
