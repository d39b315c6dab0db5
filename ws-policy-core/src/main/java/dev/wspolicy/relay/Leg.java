package dev.wspolicy.relay;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.TappedFrame.Origin;

/**
 * One leg of a session: what is written to its peer, how far the closing handshake has
 * come, and what has become of the socket.
 */
final class Leg extends LegOutput {

	/** What the other peer is told if this leg is lost; nothing if null. */
	private final @Nullable CloseStatus lossStatus;

	/** Shared until the closing begins, since most legs are not closing. */
	private ClosingHandshake handshake = ClosingHandshake.NOT_BEGUN;

	private Socket socket = Socket.CONNECTED;

	/** When the peer has sent something last. */
	private long readAt;

	Leg(RelaySide side, RelayEnvironment environment, @Nullable CloseStatus lossStatus) {
		super(side, environment);
		this.lossStatus = lossStatus;
	}

	@Nullable CloseStatus lossStatus() {
		return this.lossStatus;
	}

	void read(long nanoTime) {
		this.readAt = nanoTime;
	}

	long readAt() {
		return this.readAt;
	}

	// Frames

	/** Whether a frame that is given now will be written, even if later. */
	boolean canWrite() {
		return isConnected() && this.handshake.isOpen();
	}

	@Override
	void endFrame(boolean messageOpen) {
		super.endFrame(messageOpen);
		afterFrame();
	}

	@Override
	void endControlFrame() {
		super.endControlFrame();
		afterFrame();
	}

	@Override
	void forwarded(boolean messageOpen) {
		super.forwarded(messageOpen);
		afterFrame();
	}

	/** Writes a data frame from the other leg that was changed on its way. */
	void relay(Frame frame) {
		sendNow(frame);
		forwarded(!frame.fin());
	}

	/** Writes a frame that the gateway inserts, as soon as that is allowed. */
	void insert(Frame frame) {
		if (canWrite()) {
			send(frame);
		}
	}

	/** Tells the tap, if there is one, of a frame that is about to be inserted. */
	void tapInserted(Origin origin, @Nullable String policy, Frame frame) {
		RelayTap tap = this.environment.tap;
		if (tap != null && canWrite()) {
			tap.onMade(side(), origin, policy, frame);
		}
	}

	private void afterFrame() {
		if (this.handshake == ClosingHandshake.NOT_BEGUN) {
			return;
		}
		CloseStatus deferred = this.handshake.takeDeferred();
		if (deferred != null) {
			close(deferred);
		}
		if (this.handshake.isOmitted()) {
			endSocketIfDone();
		}
	}

	// The closing handshake

	/** Writes a close frame as soon as the frame ends that is half written. */
	void close(CloseStatus status, Origin origin, @Nullable String policy) {
		if (this.environment.tap != null) {
			tapInserted(origin, policy, CloseFrame.of(status));
		}
		close(status);
	}

	void close(CloseStatus status) {
		if (!canWrite()) {
			return;
		}
		if (isFrameOpen()) {
			begun().defer(status);
			return;
		}
		sendNow(CloseFrame.of(status));
		closeWritten(status);
	}

	/** A close frame stands behind all that has been written. */
	void closeWritten(CloseStatus status) {
		begun().markWritten(status, this.environment.output.nanoTime());
		discardWaiting();
		this.environment.output.confirmClose(side());
		endSocketIfDone();
	}

	/**
	 * The socket has taken the close frame, and all that stood before it.
	 * @return for how many nanoseconds the close frame had to wait
	 */
	long closeTaken() {
		return begun().markTaken(this.environment.output.nanoTime());
	}

	void closeReceived(CloseStatus status) {
		begun().received(status);
		endSocketIfDone();
	}

	/** A close frame from the peer can no longer be made out: none is waited for. */
	void unreadable() {
		begun().unreadable();
		endSocketIfDone();
	}

	/** The close frame that the socket has taken. */
	@Nullable CloseStatus takenClose() {
		return this.handshake.takenStatus();
	}

	/** The close frame that has been written, whether or not the socket has taken it. */
	@Nullable CloseStatus writtenClose() {
		return this.handshake.writtenStatus();
	}

	@Nullable CloseStatus receivedClose() {
		return this.handshake.received();
	}

	/**
	 * Returns what the peer is told in place of an answer: its own status, if it has
	 * closed, and the one who should have answered does not.
	 */
	CloseStatus ownStatusOr(CloseStatus status) {
		CloseStatus own = receivedClose();
		return (own != null && own.isValid()) ? own : status;
	}

	/** Whether a close frame is to be written that the socket has not taken yet. */
	boolean isClosing() {
		return this.handshake.isPending();
	}

	/** Whether the stream ends without a close frame. */
	boolean isCloseOmitted() {
		return this.handshake.isOmitted();
	}

	/** The other peer is lost: closes with a status, or without one if it is null. */
	void closeAfterLoss(@Nullable CloseStatus status) {
		CloseStatus own = receivedClose();
		if (status != null || (own != null && own.isValid())) {
			close(ownStatusOr((status != null) ? status : CloseStatus.EMPTY), Origin.GATEWAY, null);
		}
		else {
			omitClose();
			endSocketIfDone();
		}
	}

	// The socket

	/** Whether the socket is still of interest. */
	boolean isConnected() {
		return this.socket == Socket.CONNECTED || this.socket == Socket.ENDING;
	}

	boolean isLost() {
		return this.socket == Socket.LOST;
	}

	/** Whether the peer has ended its stream. It may still be written to. */
	boolean isEnded() {
		return this.handshake.isEnded();
	}

	/** The socket is gone. */
	void lost() {
		this.socket = Socket.LOST;
		stopOutput();
	}

	/** The peer has ended its stream. It gets no close frame unless it has closed. */
	void ended() {
		begun().ended();
		if (receivedClose() == null) {
			omitClose();
		}
		endSocketIfDone();
	}

	/** Closes the socket without waiting for the peer. */
	void closeSocket() {
		resetIfHalfWritten();
		if (isConnected()) {
			this.socket = Socket.CUT;
			this.environment.output.close(side());
		}
	}

	/**
	 * Resets the connection if a frame is half written that will never be complete:
	 * whatever followed, the peer would take for its payload.
	 */
	void resetIfHalfWritten() {
		if (isFrameOpen() && isConnected()) {
			this.socket = Socket.CUT;
			stopOutput();
			this.environment.output.abort(side());
		}
	}

	/** Returns the handshake, about which something is to be noted. */
	private ClosingHandshake begun() {
		if (this.handshake == ClosingHandshake.NOT_BEGUN) {
			this.handshake = new ClosingHandshake();
		}
		return this.handshake;
	}

	private void omitClose() {
		if (canWrite()) {
			begun().omit();
			discardWaiting();
		}
	}

	private void endSocketIfDone() {
		if (this.socket != Socket.CONNECTED) {
			return;
		}
		if (this.handshake.isOmitted() && !isFrameOpen()) {
			this.socket = Socket.ENDING;
			this.environment.output.end(side());
		}
		else if (this.handshake.isComplete()) {
			this.socket = Socket.ENDING;
			this.environment.output.finish(side());
		}
	}

	/**
	 * What has become of the socket.
	 */
	private enum Socket {

		CONNECTED,

		/** The driver has been told to end it in peace. */
		ENDING,

		/** The driver has been told to close or reset it at once. */
		CUT,

		/** It is gone. */
		LOST

	}

}
