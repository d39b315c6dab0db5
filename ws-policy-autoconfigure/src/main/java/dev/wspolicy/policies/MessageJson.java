package dev.wspolicy.policies;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import dev.wspolicy.frame.FrameView;
import dev.wspolicy.frame.TextFrame;

/**
 * Text messages as JSON trees, for policies that decide by what stands in them. Two
 * readers must not understand one message in two ways, so a key that stands twice in an
 * object, or anything behind the value, makes it no JSON.
 */
public final class MessageJson {

	/**
	 * The tree of a text message, a missing node if it is no JSON. Parsed once for all
	 * policies that ask.
	 */
	public static final FrameView<JsonNode> TREE = (frame) -> parse(
			(frame instanceof TextFrame message) ? message.text() : "");

	private static final JsonMapper MAPPER = JsonMapper.builder()
		.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
		.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
		.build();

	private MessageJson() {
	}

	/**
	 * Parse a text.
	 * @param text the text
	 * @return the tree, a missing node if the text is no JSON
	 */
	public static JsonNode parse(String text) {
		try {
			return MAPPER.readTree(text);
		}
		catch (JacksonException ex) {
			return MAPPER.missingNode();
		}
	}

	/**
	 * An object to fill.
	 * @return a new one
	 */
	public static ObjectNode object() {
		return MAPPER.createObjectNode();
	}

}
