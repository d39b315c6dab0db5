package dev.wspolicy.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.json.JsonParts.Builder;

/**
 * Parses messages that contain framed JSON. Methods return {@code null} if the framing or
 * the JSON is malformed, since parsers could disagree about such a message.
 */
final class FramingReader {

	private static final char RECORD_SEPARATOR = '\u001E';

	private static final String BYTE_ORDER_MARK = "\uFEFF";

	private FramingReader() {
	}

	/** SignalR: records, of which each ends with a separator. */
	static @Nullable JsonParts records(String message) {
		String text = withoutMark(message);
		Builder parts = new Builder(false);
		int start = 0;
		for (int end = text.indexOf(RECORD_SEPARATOR); end >= 0; end = text.indexOf(RECORD_SEPARATOR, start)) {
			if (!parts.add(JsonMessage.parse(text.substring(start, end)), true)) {
				return null;
			}
			parts.literal(String.valueOf(RECORD_SEPARATOR));
			start = end + 1;
		}
		return (start == text.length() && start > 0) ? parts.build() : null;
	}

	/** Lines, of which the last need not be terminated. */
	static @Nullable JsonParts lines(String message) {
		String text = withoutMark(message);
		Builder parts = new Builder(false);
		int start = 0;
		while (start < text.length()) {
			int feed = text.indexOf('\n', start);
			int end = (feed >= 0) ? feed : text.length();
			String line = text.substring(start, end);
			if (line.isBlank()) {
				parts.literal(line);
			}
			else if (!parts.add(JsonMessage.parse(line), true)) {
				return null;
			}
			if (feed >= 0) {
				parts.literal((line.endsWith("\r") && !line.isBlank()) ? "\r\n" : "\n");
			}
			start = end + 1;
		}
		return parts.build();
	}

	private static String withoutMark(String message) {
		return message.startsWith(BYTE_ORDER_MARK) ? message.substring(1) : message;
	}

	/** Engine.IO: open, close, ping, pong, message, upgrade, noop. */
	static @Nullable JsonParts socketIo(String text) {
		if (text.isEmpty()) {
			return null;
		}
		Builder parts = new Builder(false);
		return switch (text.charAt(0)) {
			case '0' -> json(text, 1, false, parts);
			case '1', '5', '6' -> (text.length() == 1) ? parts.literal(text).build() : null;
			case '2', '3' ->
				(text.length() == 1 || text.substring(1).equals("probe")) ? parts.literal(text).build() : null;
			case '4' -> packet(text, parts);
			default -> null;
		};
	}

	/**
	 * Socket.IO: connect, disconnect, event, acknowledgement, connect error, and event
	 * and acknowledgement with binary attachments. After the type follow the number of
	 * attachments, the namespace and the acknowledgement id, all of them optional.
	 */
	private static @Nullable JsonParts packet(String text, Builder parts) {
		char type = (text.length() > 1) ? text.charAt(1) : ' ';
		if (type < '0' || type > '6') {
			return null;
		}
		int index = 2;
		if (type == '5' || type == '6') {
			int dash = digits(text, index);
			if (dash == index || dash == text.length() || text.charAt(dash) != '-') {
				return null;
			}
			index = dash + 1;
		}
		if (index < text.length() && text.charAt(index) == '/') {
			int comma = text.indexOf(',', index);
			index = (comma >= 0) ? comma + 1 : text.length();
		}
		boolean message = type != '0' && type != '1' && type != '4';
		if (message) {
			index = digits(text, index);
		}
		if (index == text.length()) {
			// Packets whose data is optional: connect, disconnect and connect error
			return message ? null : parts.literal(text).build();
		}
		return (type != '1') ? json(text, index, message, parts) : null;
	}

	private static @Nullable JsonParts json(String text, int index, boolean message, Builder parts) {
		JsonNode tree = JsonMessage.parse(text.substring(index));
		// A number could be mistaken for an acknowledgement id
		if (tree == null || tree.isNumber() || (message && !tree.isArray())) {
			return null;
		}
		parts.literal(text.substring(0, index)).add(tree, message);
		return parts.build();
	}

	/** Returns the end of the digits that begin at an index. */
	private static int digits(String text, int index) {
		int end = index;
		while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
			end++;
		}
		return end;
	}

	/**
	 * SockJS: the client sends an array of strings, or one string. The server sends
	 * {@code a} and such an array, or {@code m} and one string, and the control frames
	 * {@code o}, {@code h} and {@code c[code,reason]}.
	 */
	static @Nullable JsonParts sockJs(String text, Direction direction) {
		Builder parts = new Builder(true);
		if (text.isEmpty()) {
			// Servers ignore it
			return (direction == Direction.INBOUND) ? parts.build() : null;
		}
		if (direction == Direction.INBOUND) {
			return strings(JsonMessage.parse(text), parts);
		}
		return switch (text.charAt(0)) {
			case 'o', 'h' -> (text.length() == 1) ? parts.literal(text).build() : null;
			case 'c' -> {
				JsonNode close = JsonMessage.parse(text.substring(1));
				yield (close != null && close.isArray() && close.size() == 2) ? parts.literal(text).build() : null;
			}
			case 'a', 'm' -> {
				JsonNode data = JsonMessage.parse(text.substring(1));
				boolean expected = data != null && ((text.charAt(0) == 'a') ? data.isArray() : data.isString());
				yield expected ? strings(data, parts.literal(text.substring(0, 1))) : null;
			}
			default -> null;
		};
	}

	private static @Nullable JsonParts strings(@Nullable JsonNode data, Builder parts) {
		if (data == null || !(data.isArray() || data.isString())) {
			return null;
		}
		if (data.isString()) {
			return parts.add(JsonMessage.parse(data.stringValue()), true) ? parts.build() : null;
		}
		parts.literal("[");
		for (int i = 0; i < data.size(); i++) {
			JsonNode element = data.get(i);
			if (!element.isString()
					|| !parts.literal((i > 0) ? "," : "").add(JsonMessage.parse(element.stringValue()), true)) {
				return null;
			}
		}
		return parts.literal("]").build();
	}

}
