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

	private final Side side;

	private final Outbox outbox;

	/** Frames of the gateway's own that wait for the end of a frame or message. */
	private final Deque<Frame> waiting = new ArrayDeque<>(0);

	/** A frame is half written, cut through: nothing else may be written now. */
	private boolean frameOpen;

	/** A fragmented message is half written: no other data frame may be written now. */
	private boolean messageOpen;

	/** The socket is gone. */
	private boolean lost;

	/** The driver has been told to end the socket. */
	private boolean finished;

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
		this.frameOpen = false;
		this.waiting.clear();
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

	/** Write a frame that comes from the other leg and was changed on its way. */
	void relay(Frame frame) {
		if (!canWrite()) {
			return;
		}
		this.outbox.send(this.side, frame);
		if (frame.type().isData()) {
			this.messageOpen = !frame.fin();
			afterFrame();
		}
	}

	/** Write a frame of the gateway's own as soon as that can be. */
	void inject(Frame frame) {
		if (!canWrite() || this.pendingClose != null) {
			return;
		}
		if (mustWait(frame)) {
			this.waiting.add(frame);
		}
		else {
			this.outbox.send(this.side, frame);
		}
	}

	/** Write a close frame as soon as the frame that is half written ends. */
	void close(CloseStatus status) {
		if (!canWrite() || this.pendingClose != null) {
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
		this.waiting.clear();
		finishIfClosed();
	}

	void closeReceived(CloseStatus status) {
		if (this.receivedClose == null) {
			this.receivedClose = status;
			finishIfClosed();
		}
	}

	/** Let the socket end although the peer's close frame can no longer be made out. */
	void finish() {
		if (!this.finished && !this.lost && !this.frameOpen) {
			this.finished = true;
			this.outbox.finish(this.side);
		}
	}

	boolean canWrite() {
		return !this.lost && this.sentClose == null;
	}

	private void finishIfClosed() {
		if (this.sentClose != null && this.receivedClose != null) {
			finish();
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
		if (!this.waiting.isEmpty()) {
			this.waiting.removeIf((frame) -> {
				if (mustWait(frame)) {
					return false;
				}
				this.outbox.send(this.side, frame);
				return true;
			});
		}
		CloseStatus status = this.pendingClose;
		if (status != null && !this.frameOpen) {
			this.pendingClose = null;
			close(status);
		}
	}

}
