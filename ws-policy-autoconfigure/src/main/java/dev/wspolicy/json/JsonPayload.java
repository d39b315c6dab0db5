package dev.wspolicy.json;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.frame.Payload;

/**
 * A tree that is written when somebody wants its bytes, and never if another policy
 * replaces it first.
 */
final class JsonPayload implements Payload {

	private final JsonNode tree;

	// A race of two threads writes the same twice; either will do.
	private @Nullable String text;

	/** Volatile, so that no thread sees the array without what stands in it. */
	private volatile byte @Nullable [] bytes;

	JsonPayload(JsonNode tree) {
		this.tree = tree;
	}

	@Override
	public int length() {
		return bytes().length;
	}

	@Override
	public byte[] bytes() {
		byte[] result = this.bytes;
		if (result == null) {
			result = text().getBytes(StandardCharsets.UTF_8);
			this.bytes = result;
		}
		return result;
	}

	@Override
	public String text() {
		String result = this.text;
		if (result == null) {
			result = JsonMessage.write(this.tree);
			this.text = result;
		}
		return result;
	}

	@Override
	public Payload copy() {
		return this;
	}

	@Override
	public void release() {
		// The garbage collector sees to it.
	}

}
