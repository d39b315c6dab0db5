package dev.wspolicy.redaction;

import java.util.Locale;

/**
 * The names of directions, frame types and other enums in meters, log lines and the JSON
 * of endpoints.
 */
public final class LowerCase {

	private LowerCase() {
	}

	/**
	 * Returns the name of a constant.
	 * @param value the constant
	 * @return its name in lower case
	 */
	public static String of(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT);
	}

}
