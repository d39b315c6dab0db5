package dev.wspolicy.policies.security;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policies.MessageJson;

/**
 * Finds a token in a text message: where a JSON pointer says, or behind a prefix. With
 * neither, the whole message is the token.
 */
final class TokenReader {

	private final @Nullable JsonPointer pointer;

	/**
	 * What a message without escapes must contain for the pointer to lead anywhere; empty
	 * if that may be the place in an array.
	 */
	private final String key;

	private final String prefix;

	TokenReader(String pointer, String prefix) {
		if (!pointer.isEmpty() && !prefix.isEmpty()) {
			throw new IllegalArgumentException("pointer and prefix: both (expected: one of them)");
		}
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
	 * Read a message.
	 * @param message the message
	 * @return the token, or {@code null} if there is none in it
	 */
	@Nullable String read(TextFrame message) {
		String text = message.text();
		if (this.pointer != null) {
			boolean promising = text.contains(this.key) || text.indexOf('\\') >= 0;
			return promising ? string(MessageJson.of(message), this.pointer) : null;
		}
		if (!text.startsWith(this.prefix)) {
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
