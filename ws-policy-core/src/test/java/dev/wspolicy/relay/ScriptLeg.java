package dev.wspolicy.relay;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.Side;

/**
 * One leg of a script as its peer sees it. Fails on anything that RFC 6455 does not allow
 * to be written, and on anything that is asked of a socket that has ended.
 */
final class ScriptLeg {

	private final Side side;

	private boolean frameOpen;

	private boolean messageOpen;

	private boolean closed;

	private boolean finished;

	private boolean cut;

	/** The socket takes nothing by itself. */
	private boolean full;

	/** The socket is gone; whatever is asked of it is ignored. */
	private boolean gone;

	/** The relay has been told that the socket is gone, and asks nothing more of it. */
	private boolean lost;

	ScriptLeg(Side side) {
		this.side = side;
	}

	boolean isGone() {
		return this.gone;
	}

	/** Whether the peer still hears of anything. */
	boolean isThere() {
		return !this.gone && !this.cut;
	}

	/** A whole frame is written. */
	void write(ScriptFrame frame) {
		begin(frame);
		end();
	}

	/** The header of a frame is written. */
	void begin(ScriptFrame frame) {
		check(!this.lost && !this.cut && !this.finished, "%s written to a socket that has ended", frame);
		check(!this.closed, "%s written behind a close frame", frame);
		check(!this.frameOpen, "%s written inside a frame", frame);
		this.frameOpen = true;
		if (frame.type().isControl()) {
			check(frame.fin() && frame.claimed() <= 125, "%s is no control frame", frame);
			this.closed = frame.type() == FrameType.CLOSE;
			return;
		}
		boolean continuation = frame.type() == FrameType.CONTINUATION;
		check(continuation == this.messageOpen, "%s does not fit the frames before it", frame);
		this.messageOpen = !frame.fin();
	}

	/** The payload of a frame is written. */
	void end() {
		this.frameOpen = false;
	}

	void takesNothing() {
		this.full = true;
	}

	/** Whether a close frame is among what is taken. */
	boolean takeAll() {
		this.full = false;
		return this.closed && isThere();
	}

	/** Whether a close frame has been taken already. */
	boolean confirmClose() {
		check(this.closed, "no close frame to confirm");
		return !this.full && isThere();
	}

	/** The stream ends without a close frame. */
	void endStream() {
		check(!this.lost && !this.cut && !this.finished, "ended although it has ended");
		check(!this.frameOpen, "ended inside a frame");
		check(!this.closed, "ended behind a close frame as if there was none");
		this.finished = true;
	}

	void finish() {
		check(!this.lost && !this.cut && !this.finished, "finished although it has ended");
		check(!this.frameOpen, "finished inside a frame");
		check(this.closed, "finished without a close frame");
		this.finished = true;
	}

	void closeSocket() {
		check(!this.lost && !this.cut, "closed although it has ended");
		check(!this.frameOpen, "closed inside a frame");
		check(this.closed || this.finished, "closed without a close frame");
		this.cut = true;
	}

	void abort() {
		check(!this.lost && !this.cut, "aborted although it has ended");
		check(this.frameOpen, "aborted although no frame stands half written");
		this.cut = true;
	}

	void go() {
		this.gone = true;
	}

	void lose() {
		this.lost = true;
	}

	private void check(boolean condition, String message, Object... arguments) {
		if (!condition) {
			throw new AssertionError(this.side + ": " + message.formatted(arguments));
		}
	}

}
