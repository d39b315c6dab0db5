package dev.wspolicy.relay;

import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.Utf8;

/**
 * A payload that knows whether it may still be read.
 */
final class ScriptPayload implements Payload {

	private final byte[] bytes;

	private boolean released;

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

	/** What becomes of the frame is decided: nobody reads it from now on. */
	void settle() {
		this.released = true;
	}

}
