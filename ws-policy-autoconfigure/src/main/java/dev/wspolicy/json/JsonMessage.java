package dev.wspolicy.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.FrameView;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.frame.Utf8;

/**
 * A message read as JSON (<a href="https://www.rfc-editor.org/rfc/rfc8259">RFC 8259</a>),
 * strictly: one value and nothing behind it, no comments, and no object with two members
 * of the same name, which two parsers could read in two ways. A message is parsed once,
 * however many policies ask for it.
 */
public final class JsonMessage {

	/**
	 * The view that all policies share.
	 */
	public static final FrameView<JsonMessage> VIEW = JsonMessage::read;

	private static final JsonMapper MAPPER = JsonMapper.builder()
		.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY,
				DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		// What is not changed must come out as it came in: 1.10 is not 1.1
		.disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
		.build();

	private static final JsonMessage INVALID = new JsonMessage(null);

	private final @Nullable JsonNode tree;

	private JsonMessage(@Nullable JsonNode tree) {
		this.tree = tree;
	}

	/**
	 * Read a message.
	 * @param frame a text message, or a binary one that holds UTF-8
	 * @return what stands in it
	 * @throws InvalidUtf8Exception if the frame is a text that is not UTF-8; the session
	 * is then closed with 1007
	 */
	public static JsonMessage of(Frame frame) {
		return frame.view(VIEW);
	}

	/**
	 * Make a message. It is written once, and only when its bytes are wanted: policies
	 * that follow and want JSON too are given the tree.
	 * @param tree what stands in it; not to be changed from now on
	 * @param type text or binary
	 * @return the message
	 */
	public static Frame frame(JsonNode tree, FrameType type) {
		if (type != FrameType.TEXT && type != FrameType.BINARY) {
			throw new IllegalArgumentException("type: " + type + " (expected: TEXT or BINARY)");
		}
		return Frame.of(type, true, new JsonPayload(tree)).seed(VIEW, new JsonMessage(tree));
	}

	/**
	 * Parse a text as messages are parsed.
	 * @param text the text
	 * @return the value that stands in it, or {@code null} if it is not JSON
	 */
	public static @Nullable JsonNode parse(String text) {
		try {
			JsonNode tree = MAPPER.readTree(text);
			return (tree == null || tree.isMissingNode()) ? null : tree;
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	static String write(JsonNode tree) {
		return MAPPER.writeValueAsString(tree);
	}

	private static JsonMessage read(Frame frame) {
		JsonNode tree = null;
		if (frame instanceof TextFrame text) {
			tree = parse(text.text());
		}
		else if (frame instanceof BinaryFrame binary) {
			tree = parse(binary);
		}
		return (tree != null) ? new JsonMessage(tree) : INVALID;
	}

	private static @Nullable JsonNode parse(BinaryFrame frame) {
		try {
			return parse(Utf8.decode(frame.source().bytes()));
		}
		catch (InvalidUtf8Exception ex) {
			return null;
		}
	}

	/**
	 * The value that stands in the message.
	 * @return the tree, shared with all who ask and not to be changed; {@code null} if
	 * the message is not JSON
	 */
	public @Nullable JsonNode tree() {
		return this.tree;
	}

}
