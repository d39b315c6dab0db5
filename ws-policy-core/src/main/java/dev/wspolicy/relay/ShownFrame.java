package dev.wspolicy.relay;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;

/**
 * The frame of one direction that a policy, or the tap, is being shown right now, and
 * what observed policies would have done with it.
 */
final class ShownFrame {

	private final RelayEnvironment environment;

	private final FrameSequence sequence;

	private @Nullable PendingFrame frame;

	/** Whether the frame is being shown to the tap. */
	private boolean tapping;

	/** What observed policies would have done with the last frame, if anything. */
	private @Nullable FrameObservations observations;

	ShownFrame(RelayEnvironment environment, FrameSequence sequence) {
		this.environment = environment;
		this.sequence = sequence;
	}

	/** A frame is about to be shown to policies. */
	void begin(PendingFrame frame) {
		this.frame = frame;
	}

	void end() {
		this.frame = null;
	}

	/** Returns the name of the policy that is being shown the frame. */
	@Nullable String policy() {
		PendingFrame frame = this.frame;
		return (frame != null && !this.tapping) ? frame.askedPolicy().name() : null;
	}

	/**
	 * An observed policy would have done something with a frame, of which the tap is told
	 * together with the outcome.
	 * @return {@code false} if the frame is not being shown to the policies right now
	 */
	boolean observed(Frame frame, ObservedVerdict verdict) {
		PendingFrame shown = this.frame;
		if (shown == null || this.tapping || !FrameObservations.isSame(shown.frame, frame)) {
			return false;
		}
		FrameObservations observations = this.observations;
		if (observations == null || !observations.areOf(frame)) {
			observations = new FrameObservations(frame);
			this.observations = observations;
		}
		observations.add(verdict);
		return true;
	}

	/**
	 * Tells the tap what would have been done with a frame that it is not told of.
	 * @return {@code false} if the tap has closed the session meanwhile
	 */
	boolean tapObserved(Frame frame) {
		RelayTap tap = this.environment.tap;
		if (tap != null) {
			takeObserved(frame).forEach(tap::onObserved);
		}
		return this.sequence.isOpen();
	}

	/**
	 * Tells the tap what becomes of a frame, which can still be read.
	 * @return {@code false} if the session has been closed meanwhile
	 */
	boolean tap(Direction direction, PendingFrame frame, Outcome outcome, @Nullable String policy) {
		RelayTap tap = this.environment.tap;
		if (tap == null) {
			return true;
		}
		List<ObservedVerdict> observed = takeObserved(frame.frame);
		long nanos = (frame.since != 0) ? this.environment.output.nanoTime() - frame.since : 0;
		this.frame = frame;
		this.tapping = true;
		try {
			tap.onOutcome(direction, frame.isOriginal() ? Origin.PEER : Origin.POLICY, frame.frame, outcome, policy,
					observed, nanos);
		}
		finally {
			this.tapping = false;
			this.frame = null;
		}
		return this.sequence.isOpen();
	}

	private List<ObservedVerdict> takeObserved(Frame frame) {
		FrameObservations observations = this.observations;
		this.observations = null;
		return (observations != null && observations.areOf(frame)) ? observations.verdicts() : List.of();
	}

}
