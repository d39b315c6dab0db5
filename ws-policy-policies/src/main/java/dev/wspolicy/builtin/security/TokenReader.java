package dev.wspolicy.builtin.security;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;

/**
 * Extracts a token from a text message: at a JSON pointer, after a prefix, or both. With
 * neither, the whole message is the token.
 */
final class TokenReader {

	private final @Nullable JsonPointer pointer;

	/**
	 * The text that a message without escapes contains if the pointer matches; empty if
	 * the last segment may be an array index.
	 */
	private final String key;

	private final String prefix;

	TokenReader(String pointer, String prefix) {
		this.pointer = pointer.isEmpty() ? null : compile("pointer", pointer);
		JsonPointer last = (this.pointer != null) ? this.pointer.last() : null;
		this.key = (last != null && !last.mayMatchElement()) ? last.getMatchingProperty() : "";
		this.prefix = prefix;
	}

	static JsonPointer compile(String setting, String pointer) {
		try {
			return JsonPointer.compile(pointer);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					setting + ": '" + pointer + "' (expected: a JSON pointer such as /token)", ex);
		}
	}

	/**
	 * Extracts the token of a message.
	 * @param message the message
	 * @return the token, or {@code null} if there is none
	 */
	@Nullable String read(TextFrame message) {
		String text = message.text();
		if (this.pointer != null) {
			boolean mayContain = text.contains(this.key) || text.indexOf('\\') >= 0;
			String value = mayContain ? string(JsonMessage.of(message).treeOrMissing(), this.pointer) : null;
			// Authentication schemes are case-insensitive (RFC 9110, section 11.1)
			return (value != null) ? afterPrefix(value, true) : null;
		}
		return afterPrefix(text, false);
	}

	private @Nullable String afterPrefix(String text, boolean anyCase) {
		if (!text.regionMatches(anyCase, 0, this.prefix, 0, this.prefix.length())) {
			return null;
		}
		String token = text.substring(this.prefix.length()).strip();
		return token.isEmpty() ? null : token;
	}

	static @Nullable String string(JsonNode tree, JsonPointer pointer) {
		JsonNode value = tree.at(pointer);
		return (value.isString() && !value.stringValue().isBlank()) ? value.stringValue() : null;
	}

}
