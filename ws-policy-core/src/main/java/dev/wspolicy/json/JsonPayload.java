package dev.wspolicy.json;

import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Payload;

/**
 * A payload of JSON that is serialized when its bytes are first required, and never if
 * another policy replaces it before.
 */
final class JsonPayload implements Payload {

	private final Supplier<String> writer;

	/** Estimates the length before serialization. */
	private final IntSupplier estimate;

	// As with the text, a race is harmless
	private int estimated = -1;

	// Two threads may serialize concurrently, with the same result
	private @Nullable String text;

	/** Volatile, so that the content of the array is published safely. */
	private volatile byte @Nullable [] bytes;

	JsonPayload(Supplier<String> writer, IntSupplier estimate) {
		this.writer = writer;
		this.estimate = estimate;
	}

	@Override
	public int length() {
		return bytes().length;
	}

	@Override
	public int roughLength() {
		String written = this.text;
		if (written != null) {
			return written.length();
		}
		int result = this.estimated;
		if (result < 0) {
			result = this.estimate.getAsInt();
			this.estimated = result;
		}
		return result;
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
			result = this.writer.get();
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
		// Nothing to release
	}

}
