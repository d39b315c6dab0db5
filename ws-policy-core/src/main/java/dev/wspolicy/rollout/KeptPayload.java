package dev.wspolicy.rollout;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.Utf8;

/**
 * The payload of a frame that passes while a policy still looks at it. The bytes are
 * copied only if the policy has not decided yet when the frame is forwarded.
 */
final class KeptPayload implements Payload {

	private final Payload source;

	private byte @Nullable [] kept;

	KeptPayload(Payload source) {
		this.source = source;
	}

	/**
	 * Keeps the bytes beyond the release of the source, which has not happened yet. Waits
	 * for a reader on another thread, who would be refused by a source that has been
	 * released.
	 */
	synchronized void keep() {
		this.kept = this.source.bytes();
	}

	@Override
	public int length() {
		return this.source.length();
	}

	@Override
	public int roughLength() {
		return this.source.roughLength();
	}

	@Override
	public synchronized byte[] bytes() {
		byte[] kept = this.kept;
		return (kept != null) ? kept : this.source.bytes();
	}

	@Override
	public synchronized byte[] head(int limit) {
		return (this.kept != null) ? Payload.super.head(limit) : this.source.head(limit);
	}

	@Override
	public synchronized String text() {
		byte[] kept = this.kept;
		return (kept != null) ? Utf8.decode(kept, kept.length) : this.source.text();
	}

	/** Does nothing: the source belongs to the frame that is forwarded. */
	@Override
	public void release() {
	}

}
