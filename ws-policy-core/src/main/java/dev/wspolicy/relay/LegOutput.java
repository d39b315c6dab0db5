package dev.wspolicy.relay;

import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.Side;

/**
 * The frames that are written to one peer. Frames that the gateway inserts wait here for
 * the end of the frame or message that is half written.
 */
final class LegOutput {

	/**
	 * The memory that a waiting frame takes up besides its payload, about as much as for
	 * one that is being written.
	 */
	private static final int OVERHEAD = 96;

	private final Side side;

	private final RelayOutput output;

	/** Allocated with the first frame that has to wait. */
	private @Nullable Deque<Frame> waiting;

	private long waitingBytes;

	/** A passing frame is half written: nothing else may be written now. */
	private boolean frameOpen;

	/** A fragmented message is half written: no other data frame may be written now. */
	private boolean messageOpen;

	LegOutput(Side side, RelayOutput output) {
		this.side = side;
		this.output = output;
	}

	boolean isFrameOpen() {
		return this.frameOpen;
	}

	/** The driver begins to write a passing frame. */
	void beginFrame() {
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

	/** A data frame has been written as a whole. */
	void wroteFrame(boolean messageOpen) {
		this.messageOpen = messageOpen;
		sendWaiting();
	}

	/** Writes a frame as soon as it may stand between what else is written. */
	void send(Frame frame) {
		if (mustWait(frame)) {
			if (this.waiting == null) {
				this.waiting = new ArrayDeque<>();
			}
			this.waiting.add(frame.copy());
			this.waitingBytes += frame.length();
		}
		else {
			this.output.send(this.side, frame);
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
			this.waiting.removeIf((frame) -> {
				if (mustWait(frame)) {
					return false;
				}
				this.waitingBytes -= frame.length();
				this.output.send(this.side, frame);
				return true;
			});
		}
	}

	/** The payload bytes of the frames that wait. */
	long waitingBytes() {
		return this.waitingBytes;
	}

	/** The memory that the frames take up that wait, empty ones too. */
	long waitingMemory() {
		return (this.waiting != null) ? this.waitingBytes + (long) OVERHEAD * this.waiting.size() : 0;
	}

	/** Discards the frames that wait. */
	void clear() {
		this.waiting = null;
		this.waitingBytes = 0;
	}

	/** Nothing more is written: the frame that is half written stays as it is. */
	void stop() {
		this.frameOpen = false;
		clear();
	}

}
