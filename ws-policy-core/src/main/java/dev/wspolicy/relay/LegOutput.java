package dev.wspolicy.relay;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.Side;

/**
 * What is written to the peer of one leg. Frames that the gateway inserts wait here for
 * the end of the frame or message that is half written.
 */
abstract class LegOutput {

	/**
	 * How many bytes may wait for a peer if the gateway adds frames of its own.
	 */
	private static final long MAX_UNWRITTEN = 16 * 1024 * 1024;

	final RelayEnvironment environment;

	private final RelaySide side;

	/** A passing frame is half written: nothing else may be written now. */
	private boolean frameOpen;

	/** A fragmented message is half written: no other data frame may be written now. */
	private boolean messageOpen;

	/** Created with the first frame that has to wait. */
	private @Nullable WaitingFrames waiting;

	LegOutput(RelaySide side, RelayEnvironment environment) {
		this.side = side;
		this.environment = environment;
	}

	final Side side() {
		return this.side.side;
	}

	final RelaySide traits() {
		return this.side;
	}

	final boolean isFrameOpen() {
		return this.frameOpen;
	}

	/** The driver begins to write a passing frame. */
	final void beginFrame() {
		this.frameOpen = true;
	}

	/** A passing data frame is complete. */
	void endFrame(boolean messageOpen) {
		this.frameOpen = false;
		this.messageOpen = messageOpen;
		sendWaiting();
	}

	/** A passing control frame is complete. */
	void endControlFrame() {
		this.frameOpen = false;
		sendWaiting();
	}

	/** A collected data frame or message has been forwarded. */
	void forwarded(boolean messageOpen) {
		this.messageOpen = messageOpen;
		sendWaiting();
	}

	/** Writes a frame as soon as it may stand between what else is written. */
	final void send(Frame frame) {
		if (mustWait(frame)) {
			if (this.waiting == null) {
				this.waiting = new WaitingFrames();
			}
			this.waiting.add(frame);
		}
		else {
			sendNow(frame);
		}
	}

	private boolean mustWait(Frame frame) {
		if (this.frameOpen) {
			return true;
		}
		// Section 5.4: only control frames may stand between the fragments of a message.
		return frame.type().isData() && this.messageOpen;
	}

	private void sendWaiting() {
		if (this.waiting != null) {
			this.waiting.send((frame) -> !mustWait(frame), this::sendNow);
		}
	}

	/** Writes a frame that need not wait. */
	final void sendNow(Frame frame) {
		this.environment.output.send(side(), frame);
	}

	/** The payload bytes of the frames that wait. */
	final long waitingBytes() {
		WaitingFrames waiting = this.waiting;
		return (waiting != null) ? waiting.bytes() : 0;
	}

	/** Whether too much waits for the peer to add frames of the gateway's own. */
	final boolean isOverfull() {
		if (!isMaximumExceeded()) {
			return false;
		}
		// The peer may take it all, and not have been offered any of it in this call.
		this.environment.output.flush(side());
		return isMaximumExceeded();
	}

	private boolean isMaximumExceeded() {
		long memory = (this.waiting != null) ? this.waiting.memory() : 0;
		return memory + this.environment.output.unwritten(side()) > MAX_UNWRITTEN;
	}

	/** Discards the frames that wait. */
	final void discardWaiting() {
		this.waiting = null;
	}

	/** Nothing more is written: the frame that is half written stays as it is. */
	final void stopOutput() {
		this.frameOpen = false;
		discardWaiting();
	}

}
