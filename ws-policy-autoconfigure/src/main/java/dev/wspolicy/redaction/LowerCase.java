package dev.wspolicy.redaction;

import java.util.Locale;

/**
 * The words that directions, types of frames and the like have in meters, log lines and
 * the JSON of the endpoints. Settings keep the names of their constants there, as in
 * Spring Boot's own endpoints.
 */
public final class LowerCase {

	private LowerCase() {
	}

	/**
	 * The word for a constant.
	 * @param value the constant
	 * @return its name in lower case
	 */
	public static String of(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT);
	}

}
