package dev.wspolicy.test;

import java.time.Instant;
import java.util.List;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;

/**
 * A recorded message or control frame.
 *
 * @param line the line of the recording that completes it
 * @param session the recorded id of its session
 * @param direction where it travels
 * @param time when it had arrived
 * @param frames the frame, or its fragments
 * @param original whether all of the payload is as the peer has sent it
 */
record ReplayedMessage(long line, String session, Direction direction, Instant time, List<WireFrame> frames,
		boolean original) {

	FrameType type() {
		return this.frames.get(0).type();
	}

	/** Returns the whole message. */
	WireFrame whole() {
		return (this.frames.size() == 1) ? this.frames.get(0) : WireFrame.join(this.frames);
	}

}
