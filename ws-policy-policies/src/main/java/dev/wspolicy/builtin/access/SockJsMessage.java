package dev.wspolicy.builtin.access;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.json.JsonMessage;

/**
 * A WebSocket message of <a href="https://github.com/sockjs/sockjs-protocol">SockJS</a>,
 * which contains several messages of the client as a JSON array of strings. Reading it
 * requires Jackson.
 */
final class SockJsMessage {

	private static final boolean READABLE = ClassUtils.isPresent("tools.jackson.databind.json.JsonMapper",
			SockJsMessage.class.getClassLoader());

	private SockJsMessage() {
	}

	/**
	 * Returns whether a message belongs to SockJS: no STOMP frame begins with a bracket.
	 */
	static boolean is(String text) {
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if (character != ' ' && character != '\t' && character != '\n' && character != '\r') {
				return character == '[';
			}
		}
		return false;
	}

	/**
	 * Returns the strings in a message, or {@code null} if it contains anything else or a
	 * string with an unpaired surrogate. Parsers encode that in one or three bytes, and
	 * so disagree about where a STOMP frame ends.
	 */
	static @Nullable List<String> read(Frame frame) {
		return READABLE ? strings(JsonMessage.of(frame).treeOrMissing()) : null;
	}

	private static @Nullable List<String> strings(JsonNode tree) {
		if (!tree.isArray()) {
			return null;
		}
		List<String> strings = new ArrayList<>(tree.size());
		for (JsonNode element : tree) {
			if (!element.isString() || !StandardCharsets.UTF_8.newEncoder().canEncode(element.stringValue())) {
				return null;
			}
			strings.add(element.stringValue());
		}
		return strings;
	}

	/** Writes a message to a SockJS client. */
	static String write(String text) {
		return "a" + JsonNodeFactory.instance.arrayNode().add(text);
	}

}
