package dev.wspolicy.redaction;

import org.jspecify.annotations.Nullable;

/**
 * A log line of {@code key=value} pairs that is safe from log injection. Values that
 * could be mistaken for something else are quoted. Characters that are neither printable
 * ASCII nor letters or digits are escaped, such as line breaks, control characters and
 * bidirectional controls. Letters of all languages remain readable.
 */
public final class LogLine {

	private final StringBuilder text;

	/**
	 * Creates a line.
	 * @param beginning the text before the first key
	 */
	public LogLine(String beginning) {
		this.text = new StringBuilder(beginning);
	}

	/**
	 * Adds a number.
	 * @param key the key
	 * @param value the number
	 * @return this line
	 */
	public LogLine add(String key, long value) {
		begin(key).append(value);
		return this;
	}

	/**
	 * Adds a value.
	 * @param key the key
	 * @param value the value; {@code null} appears as a dash
	 * @return this line
	 */
	public LogLine add(String key, @Nullable String value) {
		begin(key);
		if (value == null) {
			this.text.append('-');
		}
		else if (!value.isEmpty() && !value.equals("-") && value.chars().allMatch(LogLine::isPlain)) {
			this.text.append(value);
		}
		else {
			quote(value);
		}
		return this;
	}

	private StringBuilder begin(String key) {
		return this.text.append(' ').append(key).append('=');
	}

	private void quote(String value) {
		this.text.append('"');
		value.chars().forEach((character) -> {
			if (character == '"' || character == '\\') {
				this.text.append('\\').append((char) character);
			}
			else if (character != ' ' && character != '=' && !isPlain(character) && !isLetter(character)) {
				String hex = Integer.toHexString(character);
				this.text.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
			}
			else {
				this.text.append((char) character);
			}
		});
		this.text.append('"');
	}

	private static boolean isLetter(int character) {
		return character >= 0xa0 && Character.isLetterOrDigit(character);
	}

	private static boolean isPlain(int character) {
		return character > ' ' && character < 0x7f && character != '"' && character != '\\' && character != '=';
	}

	@Override
	public String toString() {
		return this.text.toString();
	}

}
