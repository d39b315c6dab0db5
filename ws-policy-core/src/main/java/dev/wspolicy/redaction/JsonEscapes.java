package dev.wspolicy.redaction;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.json.JsonStrings;

/**
 * Resolves the escapes of JSON strings, which could otherwise hide a match from an
 * expression.
 */
final class JsonEscapes {

	private static final boolean READABLE = ClassUtils.isPresent("tools.jackson.databind.json.JsonMapper",
			JsonEscapes.class.getClassLoader());

	/** The number of levels of JSON within JSON strings to resolve. */
	private static final int MAX_LAYERS = 4;

	private JsonEscapes() {
	}

	/**
	 * Redacts strings without their escapes and serializes the message with as few
	 * escapes as possible. Text that is not JSON or has no escapes is returned unchanged.
	 * Returns {@code null} if a match is hidden by escapes within a string.
	 */
	static @Nullable String redact(String text, UnaryOperator<String> redaction) {
		return (text.indexOf('\\') >= 0 && READABLE) ? Reader.redact(text, redaction) : text;
	}

	/**
	 * Returns whether redaction finds other matches once the escapes of a text are
	 * resolved, wherever they are: in framed JSON, in JSON within a JSON string, or in
	 * truncated JSON. Resolved escapes may yield further escapes.
	 */
	static boolean hide(String text, String redacted, UnaryOperator<String> redaction) {
		String read = text;
		String shown = redacted;
		for (int i = 0; i < MAX_LAYERS && read.indexOf('\\') >= 0; i++) {
			read = read(read);
			shown = read(shown);
			if (!redaction.apply(read).equals(shown)) {
				return true;
			}
		}
		return read.indexOf('\\') >= 0;
	}

	/** Resolves escapes; a run of several backslashes is resolved as a whole. */
	private static String read(String text) {
		StringBuilder read = new StringBuilder(text.length());
		int i = 0;
		while (i < text.length()) {
			int begin = i;
			while (i < text.length() && text.charAt(i) == '\\') {
				i++;
			}
			int code = (i > begin) ? code(text, i) : -1;
			if (code >= 0) {
				read.append((char) code);
				i += 5;
			}
			else if (i < text.length()) {
				int control = (i > begin) ? "btnfr".indexOf(text.charAt(i)) : -1;
				read.append((control >= 0) ? "\b\t\n\f\r".charAt(control) : text.charAt(i));
				i++;
			}
		}
		return read.toString();
	}

	/** Returns the code of a u and four hexadecimal digits, or -1. */
	private static int code(String text, int index) {
		if (index + 5 > text.length() || text.charAt(index) != 'u') {
			return -1;
		}
		int code = 0;
		for (int i = index + 1; i < index + 5; i++) {
			int digit = Character.digit(text.charAt(i), 16);
			if (digit < 0) {
				return -1;
			}
			code = code * 16 + digit;
		}
		return code;
	}

	/**
	 * A class of its own because Jackson may be missing.
	 */
	private static final class Reader {

		private Reader() {
		}

		static @Nullable String redact(String text, UnaryOperator<String> redaction) {
			JsonNode tree = JsonMessage.parse(text);
			if (tree == null) {
				return text;
			}
			AtomicBoolean hidden = new AtomicBoolean();
			JsonNode redacted = JsonStrings.map(tree, (string) -> {
				String shown = redaction.apply(string);
				// Compared string by string, since an expression may match other parts of
				// the message as a whole
				if (hide(string, shown, redaction)) {
					hidden.set(true);
				}
				return shown;
			});
			return hidden.get() ? null : JsonMessage.write(redacted);
		}

	}

}
