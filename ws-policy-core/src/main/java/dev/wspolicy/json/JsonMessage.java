package dev.wspolicy.json;

import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.FrameView;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.frame.Utf8;

/**
 * A message parsed as JSON (<a href="https://www.rfc-editor.org/rfc/rfc8259">RFC
 * 8259</a>), strictly: exactly one value, no comments, and no objects with duplicate
 * members, about which parsers could disagree. Each message is parsed once, regardless of
 * the number of policies that use it. Immutable, provided that callers do not modify the
 * tree; safe to use from any thread.
 */
public final class JsonMessage {

	/**
	 * The view that all JSON policies share.
	 */
	public static final FrameView<JsonMessage> VIEW = JsonMessage::read;

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private static final int BITS_PER_DIGIT = 3;

	private static final char BYTE_ORDER_MARK = '\uFEFF';

	private static final JsonMessage INVALID = new JsonMessage(null);

	private final @Nullable JsonNode tree;

	private JsonMessage(@Nullable JsonNode tree) {
		this.tree = tree;
	}

	/**
	 * Parses a message.
	 * @param frame a text message, or a binary message that contains UTF-8
	 * @return the parsed message
	 * @throws InvalidUtf8Exception if a text message is not valid UTF-8; the session is
	 * then closed with 1007 (RFC 6455, section 8.1)
	 */
	public static JsonMessage of(Frame frame) {
		return frame.view(VIEW);
	}

	/**
	 * Creates a message from a tree. The tree is serialized at most once, when the bytes
	 * are required; subsequent JSON policies receive the tree itself.
	 * @param tree the content of the message; it must not be modified any more
	 * @param type text or binary
	 * @return the message
	 */
	public static Frame frame(JsonNode tree, FrameType type) {
		return FrameAccess.seed(frame(() -> write(tree), () -> clamp(roughLength(tree)), type), VIEW,
				new JsonMessage(tree));
	}

	static Frame frame(Supplier<String> writer, IntSupplier estimate, FrameType type) {
		if (type != FrameType.TEXT && type != FrameType.BINARY) {
			throw new IllegalArgumentException("type: " + type + " (expected: TEXT or BINARY)");
		}
		return FrameAccess.frame(type, true, new JsonPayload(writer, estimate));
	}

	/**
	 * Parses a text by the same rules as messages. Skips a leading byte order mark.
	 * @param text the text
	 * @return the value, or {@code null} if the text is not JSON
	 */
	public static @Nullable JsonNode parse(String text) {
		String json = (!text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) ? text.substring(1) : text;
		try (JsonParser parser = MAPPER.createParser(json)) {
			return new TreeBuilder(parser).build();
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	static int clamp(long length) {
		return (int) Math.min(length, Integer.MAX_VALUE);
	}

	/** Estimates the number of characters of a value without serializing it. */
	static long roughLength(JsonNode tree) {
		if (tree.isString()) {
			return tree.stringValue().length() + 2;
		}
		if (tree.isBigInteger()) {
			return tree.bigIntegerValue().bitLength() / BITS_PER_DIGIT + 1;
		}
		if (tree.isBigDecimal()) {
			return tree.decimalValue().unscaledValue().bitLength() / BITS_PER_DIGIT + 4;
		}
		long length = tree.isContainer() ? 2 : 4;
		if (tree.isObject()) {
			for (Map.Entry<String, JsonNode> member : tree.properties()) {
				length += member.getKey().length() + 4 + roughLength(member.getValue());
			}
		}
		else {
			for (JsonNode element : tree) {
				length += roughLength(element) + 1;
			}
		}
		return length;
	}

	/**
	 * Serializes a value by the same rules as messages.
	 * @param tree the value
	 * @return the JSON text, which can be encoded in UTF-8
	 */
	public static String write(JsonNode tree) {
		return encodable(MAPPER.writeValueAsString(tree));
	}

	/**
	 * Escapes unpaired surrogates. JSON may contain them as escapes, but Jackson writes
	 * them unescaped, and UTF-8 cannot encode them.
	 * @param json a JSON text
	 * @return the same text, or an equivalent text with escapes
	 */
	public static String encodable(String json) {
		StringBuilder escaped = null;
		int copied = 0;
		for (int i = 0; i < json.length(); i++) {
			char character = json.charAt(i);
			if (!Character.isSurrogate(character)) {
				continue;
			}
			if (Character.isHighSurrogate(character) && i + 1 < json.length()
					&& Character.isLowSurrogate(json.charAt(i + 1))) {
				i++;
				continue;
			}
			if (escaped == null) {
				escaped = new StringBuilder(json.length() + 16);
			}
			escaped.append(json, copied, i).append("\\u").append(Integer.toHexString(character));
			copied = i + 1;
		}
		return (escaped != null) ? escaped.append(json, copied, json.length()).toString() : json;
	}

	private static JsonMessage read(Frame frame) {
		String text = text(frame);
		JsonNode tree = (text != null) ? parse(text) : null;
		return (tree != null) ? new JsonMessage(tree) : INVALID;
	}

	/**
	 * Returns the text of a message.
	 * @param frame the message
	 * @return the text, or {@code null} if the message is neither text nor binary that
	 * contains UTF-8
	 * @throws InvalidUtf8Exception if a text message is not valid UTF-8
	 */
	static @Nullable String text(Frame frame) {
		if (frame instanceof TextFrame text) {
			return text.text();
		}
		try {
			return (frame instanceof BinaryFrame) ? Utf8.decode(FrameAccess.payload(frame).bytes()) : null;
		}
		catch (InvalidUtf8Exception ex) {
			return null;
		}
	}

	/**
	 * Returns the value of the message.
	 * @return the tree, shared by all callers; it must not be modified. {@code null} if
	 * the message is not JSON
	 */
	public @Nullable JsonNode tree() {
		return this.tree;
	}

	/**
	 * Returns the value of the message, as {@link #tree()} does, or a missing node if the
	 * message is not JSON.
	 * @return the tree, shared by all callers; it must not be modified
	 */
	public JsonNode treeOrMissing() {
		return (this.tree != null) ? this.tree : JsonNodeFactory.instance.missingNode();
	}

}
