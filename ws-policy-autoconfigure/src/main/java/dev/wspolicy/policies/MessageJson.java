package dev.wspolicy.policies;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;

/**
 * Text messages as JSON trees, for policies that decide by what stands in them. They are
 * read as {@link JsonMessage} reads them, and with it, so that a message is parsed once
 * for all policies of a pipeline.
 */
public final class MessageJson {

	private MessageJson() {
	}

	/**
	 * The tree of a message.
	 * @param frame the message
	 * @return the tree, not to be changed; a missing node if the message is no text, or
	 * no JSON
	 */
	public static JsonNode of(Frame frame) {
		return orMissing((frame instanceof TextFrame) ? JsonMessage.of(frame).tree() : null);
	}

	/**
	 * Parse a text.
	 * @param text the text
	 * @return the tree, a missing node if the text is no JSON
	 */
	public static JsonNode parse(String text) {
		return orMissing(JsonMessage.parse(text));
	}

	private static JsonNode orMissing(@Nullable JsonNode tree) {
		return (tree != null) ? tree : JsonNodeFactory.instance.missingNode();
	}

	/**
	 * An object to fill.
	 * @return a new one
	 */
	public static ObjectNode object() {
		return JsonNodeFactory.instance.objectNode();
	}

}
