package dev.wspolicy.relay;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.FramePipeline;
import dev.wspolicy.pipeline.FramePipeline.Cursor;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.VerdictRules;

/**
 * A frame on its way through the policies of one stage.
 */
final class PendingFrame extends Cursor {

	final StageTally tally;

	final Frame frame;

	/** The type that the policies know it by: a fragment has the type of its message. */
	final FrameType type;

	/** What the driver holds of the frame; null if a policy has created it. */
	final @Nullable CollectedFrame collected;

	/** When the first policy was shown it; zero if nobody wants to know. */
	long since;

	/** The policy that has created it; null if a peer has sent it. */
	@Nullable PolicyBinding maker;

	/** Runs until the promised verdict comes; null as a rule. */
	@Nullable PolicyStopwatch stopwatch;

	/** The frames of the verdict: replacements, or replies. */
	List<Frame> frames = List.of();

	/** How the session ends because of this frame; null as a rule. */
	@Nullable Ending ending;

	PendingFrame(StageTally tally, Frame frame, FrameType type, @Nullable CollectedFrame collected) {
		this.tally = tally;
		this.frame = frame;
		this.type = type;
		this.collected = collected;
	}

	/** Returns a frame that takes this one's place, for the policies that are left. */
	PendingFrame replacedBy(Frame replacement, FrameType type) {
		PendingFrame pending = new PendingFrame(this.tally, replacement, type, null);
		pending.moveTo(this);
		pending.maker = askedPolicy();
		return pending;
	}

	Stage stage() {
		return this.tally.stage;
	}

	FramePipeline policies() {
		return this.tally.policies;
	}

	/** Returns the policy that was shown the frame last. */
	PolicyBinding askedPolicy() {
		return this.tally.policies.asked(this);
	}

	/** Whether the frame stands for what a peer has sent. */
	boolean isOriginal() {
		return this.collected != null;
	}

	/** Whether this is only a part of a message. */
	boolean isFragment() {
		return VerdictRules.isFragment(this.frame);
	}

	/** The last policy that was being measured has given its verdict, or will not. */
	void stopMeasuring() {
		PolicyStopwatch stopwatch = this.stopwatch;
		if (stopwatch != null) {
			this.stopwatch = null;
			stopwatch.stop();
		}
	}

}
