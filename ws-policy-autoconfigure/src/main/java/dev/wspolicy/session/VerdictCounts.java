package dev.wspolicy.session;

import dev.wspolicy.frame.Direction;

/**
 * What a policy has answered so far in one direction of a session.
 *
 * @param policy the name of the policy
 * @param direction the direction
 * @param forwarded how many frames or messages it has let pass
 * @param replaced how many it has replaced
 * @param dropped how many it has dropped
 * @param replied how many it has answered
 * @param closed how many made it close the session
 * @param failed how often it gave no valid verdict, or none in time
 */
public record VerdictCounts(String policy, Direction direction, long forwarded, long replaced, long dropped,
		long replied, long closed, long failed) {

	/**
	 * How often there was a verdict of one kind.
	 * @param kind the kind
	 * @return the number
	 */
	public long count(Kind kind) {
		return switch (kind) {
			case FORWARD -> this.forwarded;
			case REPLACE -> this.replaced;
			case DROP -> this.dropped;
			case REPLY -> this.replied;
			case CLOSE -> this.closed;
			case FAILED -> this.failed;
		};
	}

	/**
	 * Add what was counted elsewhere for the same policy and direction.
	 * @param other the other counts
	 * @return the sum
	 */
	public VerdictCounts plus(VerdictCounts other) {
		return new VerdictCounts(this.policy, this.direction, this.forwarded + other.forwarded,
				this.replaced + other.replaced, this.dropped + other.dropped, this.replied + other.replied,
				this.closed + other.closed, this.failed + other.failed);
	}

	/**
	 * The kinds of verdicts.
	 */
	public enum Kind {

		/** The frame goes on as it is. */
		FORWARD,

		/** Others take its place. */
		REPLACE,

		/** It goes no further. */
		DROP,

		/** It goes no further, and its sender gets an answer. */
		REPLY,

		/** The session is closed. */
		CLOSE,

		/** No verdict: the policy threw, answered what it must not, or not in time. */
		FAILED

	}

}
