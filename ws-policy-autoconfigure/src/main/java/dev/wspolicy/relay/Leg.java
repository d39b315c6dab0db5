package dev.wspolicy.relay;

import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.Side;

/**
 * What is written to one side, and how far its closing handshake has come.
 */
final class Leg {

	/**
	 * What a frame that waits takes up besides its payload, about as much as one that is
	 * being written.
	 */
	private static final int OVERHEAD = 96;

	private final Side side;

	private final Outbox outbox;

	/**
	 * Frames of the gateway's own that wait for the end of a frame or message; made with
	 * the first.
	 */
	private @Nullable Deque<Frame> waiting;

	private long waitingBytes;

	/** A frame is half written, cut through: nothing else may be written now. */
	private boolean frameOpen;

	/** A fragmented message is half written: no other data frame may be written now. */
	private boolean messageOpen;

	/** The socket is gone. */
	private boolean lost;

	/** The peer's close frame, if one comes, can no longer be made out. */
	private boolean unreadable;

	/** The driver has been told to end the socket in peace. */
	private boolean finished;

	/** The driver has been told to end the socket at once. */
	private boolean cut;

	private @Nullable CloseStatus pendingClose;

	private @Nullable CloseStatus sentClose;

	private @Nullable CloseStatus receivedClose;

	Leg(Side side, Outbox outbox) {
		this.side = side;
		this.outbox = outbox;
	}

	Side side() {
		return this.side;
	}

	boolean isLost() {
		return this.lost;
	}

	boolean isFrameOpen() {
		return this.frameOpen;
	}

	@Nullable CloseStatus sentClose() {
		return this.sentClose;
	}

	@Nullable CloseStatus receivedClose() {
		return this.receivedClose;
	}

	void lost() {
		this.lost = true;
		forgetWaiting();
	}

	/** The driver begins to write a frame cut through. */
	void frameBegins() {
		this.frameOpen = true;
	}

	/** The frame that was written cut through is whole. */
	void frameEnds(boolean messageOpen) {
		this.frameOpen = false;
		this.messageOpen = messageOpen;
		afterFrame();
	}

	/** The control frame that was written cut through is whole. */
	void controlFrameEnds() {
		frameEnds(this.messageOpen);
	}

	/** The bytes of a held frame or message have been written. */
	void heldWritten(boolean messageOpen) {
		this.messageOpen = messageOpen;
		afterFrame();
	}

	/** Write a data frame that comes from the other leg and was changed on its way. */
	void relay(Frame frame) {
		this.outbox.send(this.side, frame);
		heldWritten(!frame.fin());
	}

	/** Write a frame of the gateway's own as soon as that can be. */
	void inject(Frame frame) {
		if (!canWrite()) {
			return;
		}
		if (mustWait(frame)) {
			if (this.waiting == null) {
				this.waiting = new ArrayDeque<>();
			}
			this.waiting.add(frame.copy());
			this.waitingBytes += frame.length();
		}
		else {
			this.outbox.send(this.side, frame);
		}
	}

	/** The bytes of the frames that wait for the end of another one. */
	long waitingBytes() {
		return this.waitingBytes;
	}

	/** What those frames take up in memory, empty ones too. */
	long waitingMemory() {
		return (this.waiting != null) ? this.waitingBytes + (long) OVERHEAD * this.waiting.size() : 0;
	}

	/** Write a close frame as soon as the frame that is half written ends. */
	void close(CloseStatus status) {
		if (!canWrite()) {
			return;
		}
		if (this.frameOpen) {
			this.pendingClose = status;
			return;
		}
		this.outbox.send(this.side, CloseFrame.of(status));
		closeSent(status);
	}

	/** A close frame has been written. */
	void closeSent(CloseStatus status) {
		this.sentClose = status;
		clearWaiting();
		finishIfClosed();
	}

	void closeReceived(CloseStatus status) {
		if (this.receivedClose == null) {
			this.receivedClose = status;
			finishIfClosed();
		}
	}

	/** No close frame of the peer's can be made out any more: do not wait for one. */
	void unreadable() {
		this.unreadable = true;
		finishIfClosed();
	}

	/** End the socket without waiting for the peer. */
	void hangUp() {
		if (!this.lost && !this.cut) {
			this.cut = true;
			this.outbox.close(this.side);
		}
	}

	/** Reset the connection: the frame that is half written will not be whole. */
	void abort() {
		if (!this.lost && !this.cut) {
			this.cut = true;
			forgetWaiting();
			this.outbox.abort(this.side);
		}
	}

	/** Whether a frame that is given now is written, be it later. */
	boolean canWrite() {
		return !this.lost && !this.cut && this.sentClose == null && this.pendingClose == null;
	}

	private void forgetWaiting() {
		this.frameOpen = false;
		this.pendingClose = null;
		clearWaiting();
	}

	private void clearWaiting() {
		this.waiting = null;
		this.waitingBytes = 0;
	}

	private void finishIfClosed() {
		boolean closed = this.sentClose != null && (this.receivedClose != null || this.unreadable);
		if (closed && !this.finished && !this.lost && !this.cut) {
			this.finished = true;
			this.outbox.finish(this.side);
		}
	}

	private boolean mustWait(Frame frame) {
		if (this.frameOpen) {
			return true;
		}
		// Section 5.4: only control frames may stand between the fragments of a message.
		return frame.type().isData() && this.messageOpen;
	}

	private void afterFrame() {
		if (this.waiting != null) {
			this.waiting.removeIf((frame) -> {
				if (mustWait(frame)) {
					return false;
				}
				this.waitingBytes -= frame.length();
				this.outbox.send(this.side, frame);
				return true;
			});
		}
		CloseStatus status = this.pendingClose;
		if (status != null) {
			this.pendingClose = null;
			close(status);
		}
	}

}
