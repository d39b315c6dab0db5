package dev.wspolicy.relay;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;

/**
 * How far the closing handshake with one peer has come
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.1.2">RFC 6455, section
 * 7.1.2</a>).
 */
final class ClosingHandshake {

	/**
	 * The handshake of all legs that nothing has been decided about; never changed.
	 */
	static final ClosingHandshake NOT_BEGUN = new ClosingHandshake();

	private Ours ours = Ours.NONE;

	private Theirs theirs = Theirs.EXPECTED;

	/** The status of our close frame, if there is one. */
	private @Nullable CloseStatus status;

	/** The status of the peer's close frame; null until it has come. */
	private @Nullable CloseStatus received;

	private long writtenAt;

	/** Whether nothing has been decided about our close frame. */
	boolean isOpen() {
		return this.ours == Ours.NONE;
	}

	/** Our close frame has to wait for the end of the frame that is half written. */
	void defer(CloseStatus status) {
		this.ours = Ours.DEFERRED;
		this.status = status;
	}

	/** Returns the close frame that may be written now; null if none waits. */
	@Nullable CloseStatus takeDeferred() {
		if (this.ours != Ours.DEFERRED) {
			return null;
		}
		this.ours = Ours.NONE;
		return this.status;
	}

	/** Our close frame stands behind all that has been written to the peer. */
	void markWritten(CloseStatus status, long now) {
		this.ours = Ours.WRITTEN;
		this.status = status;
		this.writtenAt = now;
	}

	/**
	 * The socket has taken our close frame, and all that stood before it.
	 * @param now the time
	 * @return for how many nanoseconds the close frame had to wait
	 */
	long markTaken(long now) {
		this.ours = Ours.TAKEN;
		return now - this.writtenAt;
	}

	/** The stream ends without a close frame from us. */
	void omit() {
		this.ours = Ours.OMITTED;
	}

	boolean isOmitted() {
		return this.ours == Ours.OMITTED;
	}

	/** Whether there is a close frame that the socket has not taken yet. */
	boolean isPending() {
		return this.ours == Ours.DEFERRED || this.ours == Ours.WRITTEN;
	}

	private boolean isWritten() {
		return this.ours == Ours.WRITTEN || this.ours == Ours.TAKEN;
	}

	/** The close frame that the socket has taken. */
	@Nullable CloseStatus takenStatus() {
		return (this.ours == Ours.TAKEN) ? this.status : null;
	}

	/** The close frame that has been written, whether or not the socket has taken it. */
	@Nullable CloseStatus writtenStatus() {
		return isWritten() ? this.status : null;
	}

	/** The peer's close frame has come; only the first one counts. */
	void received(CloseStatus status) {
		if (this.received == null) {
			this.received = status;
		}
	}

	@Nullable CloseStatus received() {
		return this.received;
	}

	/** A close frame from the peer can no longer be made out. */
	void unreadable() {
		if (this.theirs == Theirs.EXPECTED) {
			this.theirs = Theirs.UNREADABLE;
		}
	}

	/** The peer has ended its stream. */
	void ended() {
		this.theirs = Theirs.ENDED;
	}

	boolean isEnded() {
		return this.theirs == Theirs.ENDED;
	}

	/** Whether our close frame is written, and nothing is to be expected in return. */
	boolean isComplete() {
		return isWritten() && (this.received != null || this.theirs != Theirs.EXPECTED);
	}

	/**
	 * The state of our close frame.
	 */
	private enum Ours {

		/** There is none. */
		NONE,

		/** It waits for the end of the frame that is half written. */
		DEFERRED,

		/** It has been written, and the socket need not have taken it. */
		WRITTEN,

		/** The socket has taken it. */
		TAKEN,

		/** There will be none. */
		OMITTED

	}

	/**
	 * Whether a close frame is expected from the peer.
	 */
	private enum Theirs {

		EXPECTED,

		/** What the peer sends can no longer be split into frames. */
		UNREADABLE,

		/** Nothing comes any more, though the peer can still be written to. */
		ENDED

	}

}
