package dev.wspolicy.relay;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;

/**
 * Observes the frames that a relay shows to policies or creates itself. Frames of
 * {@link Disposition#PASS} are reported by the driver. Called on the relay's thread; a
 * frame can be read until the method returns.
 */
public interface RelayTap {

	/**
	 * The outcome of a frame has been decided.
	 * @param direction where the frame travels
	 * @param origin a peer, or a policy that has replaced another frame by this one
	 * @param frame the frame
	 * @param outcome what becomes of it
	 * @param policy the policy that has decided, or {@code null} if none has
	 * @param observed what observed policies would have done with it
	 * @param nanos how long the frame was with the policies
	 */
	void onOutcome(Direction direction, Origin origin, Frame frame, Outcome outcome, @Nullable String policy,
			List<ObservedVerdict> observed, long nanos);

	/**
	 * An observed policy would have done something with a frame that is not reported
	 * itself: a fragment of a message that is reported as a whole.
	 * @param verdict what would have happened
	 */
	void onObserved(ObservedVerdict verdict);

	/**
	 * The gateway is about to send a frame that it, or a policy, has created.
	 * @param side who gets it
	 * @param origin who has created it
	 * @param policy the policy that has created it, or {@code null} if none has
	 * @param frame the frame
	 */
	void onMade(Side side, Origin origin, @Nullable String policy, Frame frame);

}
