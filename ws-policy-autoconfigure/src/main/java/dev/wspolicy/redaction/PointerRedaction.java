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
 * Takes out what JSON pointers lead to.
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

	/** The text without it, as it came if there is nothing in it; null if not JSON. */
	@Nullable String redact(Frame frame, String text) {
		JsonNode tree = JsonMessage.of(frame).tree();
		if (tree == null) {
			return null;
		}
		JsonNode redacted = tree;
		for (PointerPattern pointer : this.pointers) {
			redacted = pointer.replace(redacted, this.replacement);
		}
		return redacted.equals(tree) ? text : ((TextFrame) JsonMessage.frame(redacted, FrameType.TEXT)).text();
	}

}
