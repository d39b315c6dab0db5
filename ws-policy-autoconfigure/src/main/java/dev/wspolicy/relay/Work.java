package dev.wspolicy.relay;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.FramePipeline;
import dev.wspolicy.pipeline.FramePipeline.Cursor;

/**
 * A frame on its way through the policies of a direction.
 */
final class Work extends Cursor {

	final Stage stage;

	final StageTally tally;

	final FramePipeline policies;

	final Frame frame;

	/** What the policies know the frame by: a fragment has the type of its message. */
	final FrameType type;

	/**
	 * Whether the frame stands for bytes that the driver has; made by a policy if not.
	 */
	final boolean original;

	/** When policies had it first, if somebody wants to know; zero if nobody does. */
	long since;

	Work(Stage stage, StageTally tally, Frame frame, FrameType type, boolean original) {
		this.stage = stage;
		this.tally = tally;
		this.policies = tally.policies;
		this.frame = frame;
		this.type = type;
		this.original = original;
	}

	/** A frame that takes this one's place, shown to the policies that are left. */
	Work replacedBy(Frame replacement, FrameType type) {
		Work work = new Work(this.stage, this.tally, replacement, type, false);
		work.moveTo(this);
		return work;
	}

	/** Whether this is a part of a message only. */
	boolean isFragment() {
		return isFragment(this.frame);
	}

	static boolean isFragment(Frame frame) {
		return frame.type() == FrameType.CONTINUATION || !frame.fin();
	}

	/**
	 * Which policies a frame is shown to.
	 */
	enum Stage {

		/** Those on wire frames. */
		FRAME,

		/** Those on whole messages. */
		MESSAGE,

		/** Those on control frames. */
		CONTROL

	}

}
