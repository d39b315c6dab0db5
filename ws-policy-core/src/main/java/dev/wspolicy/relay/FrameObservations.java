package dev.wspolicy.relay;

import java.util.ArrayList;
import java.util.List;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.ObservedVerdict;

/**
 * What observed policies would have done with a frame, of which a tap is told together
 * with the outcome.
 */
final class FrameObservations {

	private final Frame frame;

	private final List<ObservedVerdict> verdicts = new ArrayList<>(1);

	FrameObservations(Frame frame) {
		this.frame = frame;
	}

	boolean areOf(Frame frame) {
		return isSame(this.frame, frame);
	}

	void add(ObservedVerdict verdict) {
		this.verdicts.add(verdict);
	}

	List<ObservedVerdict> verdicts() {
		return this.verdicts;
	}

	/** Frames with the same content are equal, but a verdict is on one of them. */
	@SuppressWarnings("ReferenceEquality")
	static boolean isSame(Frame one, Frame other) {
		return one == other;
	}

}
