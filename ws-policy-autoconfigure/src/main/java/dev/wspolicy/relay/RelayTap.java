package dev.wspolicy.relay;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;

/**
 * Is told of the frames that a relay judges or makes itself. Those of
 * {@link Disposition#PASS} are the driver's to tell. Called on the relay's thread; the
 * frames can be read until it returns.
 */
public interface RelayTap {

	/**
	 * It is settled what becomes of a frame.
	 * @param direction where the frame travels
	 * @param origin a peer, or the policy that has put it in another one's place
	 * @param frame the frame
	 * @param outcome what becomes of it
	 * @param policy the policy that has given the verdict, or {@code null} if there is no
	 * such policy
	 * @param nanos how long policies had it
	 */
	void onJudged(Direction direction, Origin origin, Frame frame, Outcome outcome, @Nullable String policy,
			long nanos);

	/**
	 * A frame that came from nobody is to be sent.
	 * @param side who gets it
	 * @param origin who has made it
	 * @param policy the policy that has made it, or {@code null} if there is no such
	 * policy
	 * @param frame the frame
	 */
	void onMade(Side side, Origin origin, @Nullable String policy, Frame frame);

}
