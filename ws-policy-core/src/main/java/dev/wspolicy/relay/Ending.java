package dev.wspolicy.relay;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination.Cause;

/**
 * Why and how the gateway ends a session. A stage returns one to have the session ended.
 *
 * @param cause why the session ends
 * @param toClient the status for the client
 * @param toUpstream the status for the upstream
 * @param policy the name of the policy that ends it; {@code null} if none does
 */
record Ending(Cause cause, CloseStatus toClient, CloseStatus toUpstream, @Nullable String policy) {

	/** Both sides are told the same. */
	static Ending forBoth(CloseStatus status, Cause cause) {
		return new Ending(cause, status, status, null);
	}

	/** One side is the reason for the end, and the other one is not to blame. */
	static Ending causedBy(Side culprit, CloseStatus toCulprit, CloseStatus toOther, Cause cause) {
		return (culprit == Side.CLIENT) ? new Ending(cause, toCulprit, toOther, null)
				: new Ending(cause, toOther, toCulprit, null);
	}

	/**
	 * A peer has sent what it must not. The other one is not to blame; if it has closed
	 * before, it gets its own status back.
	 */
	static Ending violation(Leg culprit, Leg other, CloseStatus status, Cause cause) {
		CloseStatus toOther = (cause == Cause.LIMIT_EXCEEDED) ? CloseStatus.GOING_AWAY
				: culprit.traits().violationStatus;
		return causedBy(culprit.side(), status, other.ownStatusOr(toOther), cause);
	}

	/** A peer does not take what is sent to it. */
	static Ending slowConsumer(Side side) {
		return causedBy(side, CloseStatus.POLICY_VIOLATION.withReason("slow consumer"), CloseStatus.GOING_AWAY,
				Cause.SLOW_CONSUMER);
	}

	/** Who has created the close frames. */
	Origin origin() {
		return (this.cause == Cause.POLICY) ? Origin.POLICY : Origin.GATEWAY;
	}

	/** The policy that has created the close frames; null if it was the gateway. */
	@Nullable String author() {
		return (this.cause == Cause.POLICY) ? this.policy : null;
	}

}
