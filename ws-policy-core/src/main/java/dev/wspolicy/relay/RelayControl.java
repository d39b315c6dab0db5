package dev.wspolicy.relay;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.LimitOverrides;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.PolicyTimingListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination.Cause;

/**
 * What sessions and operators ask of a {@link Relay}.
 */
public abstract class RelayControl extends RelayClosing {

	RelayControl(SessionPipeline pipeline, RelayOutput output, RelayObserver observer) {
		super(pipeline, output, observer);
	}

	/**
	 * Sets the tap that observes the frames from the next one on.
	 * @param tap the tap, or {@code null} for none
	 */
	public void tap(@Nullable RelayTap tap) {
		this.environment.tap = tap;
	}

	/**
	 * An observed policy would have done something with a frame. The tap, which must be
	 * set, is told together with the frame.
	 * @param verdict what would have happened, with a direction
	 * @param frame the frame that the policy was shown
	 * @return {@code false} if the frame is not being shown to its policies any more, and
	 * the tap is not told
	 */
	public boolean observed(ObservedVerdict verdict, Frame frame) {
		return this.inbound.observed(frame, verdict) || this.outbound.observed(frame, verdict);
	}

	/**
	 * Sets who is told how long policies take, for some of the frames from the next one
	 * on.
	 * @param timer the timer, or {@code null} for none
	 */
	public void timer(@Nullable PolicyTimingListener timer) {
		this.environment.timer = timer;
	}

	/**
	 * Sends a frame that the gateway inserts, as soon as it can stand between others.
	 * @param side who gets it
	 * @param frame a frame that {@link SendableFrames} allows
	 */
	public void send(Side side, Frame frame) {
		Leg leg = leg(side);
		leg.tapInserted(Origin.GATEWAY, null, frame);
		end(this.lifecycle.insert(leg, frame));
	}

	/**
	 * Sets the limits of this session alone.
	 * @param direction the direction
	 * @param limits its limits
	 */
	public void limits(Direction direction, LimitOverrides limits) {
		direction(direction).limits(limits);
	}

	/**
	 * Has the policies and limits of another pipeline serve: at once, and in a direction
	 * that has a message under way, once that has ended. All else stays as it was when
	 * the session opened.
	 * @param pipeline the other pipeline
	 */
	public void switchPipeline(SessionPipeline pipeline) {
		this.inbound.switchPipeline(pipeline);
		this.outbound.switchPipeline(pipeline);
	}

	/**
	 * Ends the session, unless it has begun to end.
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 * @param cause why; if it is requested while a policy is being shown a frame, that
	 * policy has ended the session
	 */
	public void close(CloseStatus toClient, CloseStatus toUpstream, Cause cause) {
		String policy = null;
		if (cause == Cause.REQUESTED) {
			policy = this.inbound.shownPolicy();
			policy = (policy != null) ? policy : this.outbound.shownPolicy();
		}
		close(toClient, toUpstream, (policy != null) ? Cause.POLICY : cause, policy);
	}

	/**
	 * Ends the session on behalf of a policy, unless it has begun to end.
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 * @param policy the name of the policy
	 */
	public void close(CloseStatus toClient, CloseStatus toUpstream, String policy) {
		close(toClient, toUpstream, Cause.POLICY, policy);
	}

	private void close(CloseStatus toClient, CloseStatus toUpstream, Cause cause, @Nullable String policy) {
		if (isOpen()) {
			end(new Ending(cause, toClient, toUpstream, policy));
		}
	}

	/**
	 * Whether the session has not begun to close.
	 * @return {@code true} if so
	 */
	public boolean isOpen() {
		return this.lifecycle.isOpen();
	}

	/**
	 * Returns what can be read of this relay from any thread.
	 * @return a view
	 */
	public RelayStatus status() {
		return new RelayStatus(this.lifecycle.watchdog(), this.client, this.inbound, this.upstream, this.outbound);
	}

	final Leg leg(Side side) {
		return (side == Side.CLIENT) ? this.client : this.upstream;
	}

	final DirectionRelay direction(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inbound : this.outbound;
	}

}
