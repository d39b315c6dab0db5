package dev.wspolicy.frame;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * A payload that owns its memory and is never released.
 */
final class HeapPayload implements Payload {

	static final Payload EMPTY = new HeapPayload(new byte[0]);

	/** Volatile, so that no thread sees the array before its content. */
	private volatile byte @Nullable [] bytes;

	private final @Nullable String text;

	HeapPayload(byte[] bytes) {
		this.bytes = bytes;
		this.text = null;
	}

	HeapPayload(String text) {
		this.text = text;
	}

	@Override
	public int length() {
		return bytes().length;
	}

	@Override
	public int roughLength() {
		return (this.text != null) ? this.text.length() : length();
	}

	@Override
	public byte[] bytes() {
		byte[] result = this.bytes;
		if (result == null) {
			// Two threads that race here encode the same bytes.
			result = ((this.text != null) ? this.text : "").getBytes(StandardCharsets.UTF_8);
			this.bytes = result;
		}
		return result;
	}

	@Override
	public String text() {
		return (this.text != null) ? this.text : Utf8.decode(bytes());
	}

	@Override
	public Payload copy() {
		return this;
	}

	@Override
	public void release() {
		// Heap memory is left to the garbage collector.
	}

}
