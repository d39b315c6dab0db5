package dev.wspolicy.relay;

import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.Utf8;

/**
 * A payload that knows whether it may still be read, and whether its memory is still
 * there: reading freed memory fails the test.
 */
final class ScriptPayload implements Payload {

	private final byte[] bytes;

	private boolean released;

	private boolean freed;

	ScriptPayload(byte[] bytes) {
		this.bytes = bytes;
	}

	@Override
	public int length() {
		return this.bytes.length;
	}

	@Override
	public byte[] bytes() {
		if (this.released) {
			throw new IllegalStateException("released");
		}
		if (this.freed) {
			throw new AssertionError("Freed memory has been read");
		}
		return this.bytes;
	}

	@Override
	public String text() {
		return Utf8.decode(bytes());
	}

	@Override
	public void release() {
		this.released = true;
	}

	boolean isReleased() {
		return this.released;
	}

	/** The driver has given back the memory. */
	void free() {
		this.freed = true;
	}

}
