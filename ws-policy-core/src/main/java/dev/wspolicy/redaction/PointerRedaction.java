package dev.wspolicy.redaction;

import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.json.PointerPattern;

/**
 * Redacts the values at JSON pointers.
 */
final class PointerRedaction {

	private final List<PointerPattern> pointers;

	private final JsonNode replacement;

	PointerRedaction(List<String> pointers, String replacement) {
		this.pointers = pointers.stream().map(PointerRedaction::parse).toList();
		this.replacement = StringNode.valueOf(replacement);
	}

	private static PointerPattern parse(String pointer) {
		try {
			return PointerPattern.of(pointer);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("pointers: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Returns the redacted text, or the same text if no pointer matches. Returns
	 * {@code null} if the text is not JSON, or contains JSON within strings as in SockJS,
	 * which pointers do not reach.
	 */
	@Nullable String redact(Frame frame, String text) {
		JsonNode tree = JsonMessage.of(frame).tree();
		if (tree == null || holdsJson(tree)) {
			return null;
		}
		JsonNode redacted = tree;
		for (PointerPattern pointer : this.pointers) {
			redacted = pointer.replace(redacted, this.replacement);
		}
		return redacted.equals(tree) ? text : ((TextFrame) JsonMessage.frame(redacted, FrameType.TEXT)).text();
	}

	private static boolean holdsJson(JsonNode tree) {
		if (tree.isString()) {
			// Anywhere, since the protocol within SockJS may put a prefix before the JSON
			String inner = tree.stringValue();
			return inner.indexOf('{') >= 0 || inner.indexOf('[') >= 0;
		}
		if (tree.isArray()) {
			for (JsonNode element : tree) {
				if (element.isString() && holdsJson(element)) {
					return true;
				}
			}
		}
		return false;
	}

}
