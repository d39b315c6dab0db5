package dev.wspolicy.frame;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * A payload that owns its memory and is never released.
 */
final class HeapPayload implements Payload {

	static final Payload EMPTY = new HeapPayload(new byte[0]);

	/** Volatile, so that no thread sees the array without what stands in it. */
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
	public byte[] bytes() {
		byte[] result = this.bytes;
		if (result == null) {
			// A race of two threads makes two equal arrays; either will do.
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
		// The garbage collector sees to it.
	}

}
