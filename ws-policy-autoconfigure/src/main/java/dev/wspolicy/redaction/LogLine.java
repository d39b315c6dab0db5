package dev.wspolicy.redaction;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * A line of {@code key=value} that no value can break out of. What could be taken for
 * anything but a value is put into quotes, and what is neither ASCII nor a letter or
 * digit is written as its code: line breaks, control characters, and those that turn the
 * direction of writing. Letters of all languages stay, since who reads a log should be
 * able to read them.
 */
public final class LogLine {

	private final StringBuilder text;

	/**
	 * A line.
	 * @param beginning what stands before the first key
	 */
	public LogLine(String beginning) {
		this.text = new StringBuilder(beginning);
	}

	/**
	 * Add a number.
	 * @param key the key
	 * @param value the number
	 * @return this line
	 */
	public LogLine add(String key, long value) {
		begin(key).append(value);
		return this;
	}

	/**
	 * Add a value.
	 * @param key the key
	 * @param value the value; {@code null} is written as a dash
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
				this.text.append(String.format(Locale.ROOT, "\\u%04x", character));
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
