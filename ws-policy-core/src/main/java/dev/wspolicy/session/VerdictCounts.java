package dev.wspolicy.session;

import java.time.Duration;

import dev.wspolicy.frame.Direction;

/**
 * The verdicts of a policy so far in one direction of a session.
 *
 * @param policy the name of the policy
 * @param direction the direction
 * @param forwarded how many frames or messages it has forwarded
 * @param replaced how many it has replaced
 * @param dropped how many it has dropped
 * @param replied how many it has answered
 * @param closed how many it has closed the session for
 * @param failed how often it returned no valid verdict, or none in time
 * @param waits how many frames or messages have waited for a verdict that came later
 * @param waited how long they have waited in total
 */
public record VerdictCounts(String policy, Direction direction, long forwarded, long replaced, long dropped,
		long replied, long closed, long failed, long waits, Duration waited) {

	/**
	 * Creates the counts of a policy whose verdicts never came later.
	 * @param policy the name of the policy
	 * @param direction the direction
	 * @param forwarded how many frames or messages it has forwarded
	 * @param replaced how many it has replaced
	 * @param dropped how many it has dropped
	 * @param replied how many it has answered
	 * @param closed how many it has closed the session for
	 * @param failed how often it returned no valid verdict, or none in time
	 */
	public VerdictCounts(String policy, Direction direction, long forwarded, long replaced, long dropped, long replied,
			long closed, long failed) {
		this(policy, direction, forwarded, replaced, dropped, replied, closed, failed, 0, Duration.ZERO);
	}

	/**
	 * Returns the number of verdicts of one kind.
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
	 * Adds the counts of the same policy and direction from elsewhere.
	 * @param other the other counts
	 * @return the sum
	 */
	public VerdictCounts plus(VerdictCounts other) {
		return new VerdictCounts(this.policy, this.direction, this.forwarded + other.forwarded,
				this.replaced + other.replaced, this.dropped + other.dropped, this.replied + other.replied,
				this.closed + other.closed, this.failed + other.failed, this.waits + other.waits,
				this.waited.plus(other.waited));
	}

	/**
	 * The kinds of verdicts.
	 */
	public enum Kind {

		/** The frame is forwarded. */
		FORWARD,

		/** Other frames take its place. */
		REPLACE,

		/** The frame is dropped. */
		DROP,

		/** The frame is dropped, and its sender gets an answer. */
		REPLY,

		/** The session is closed. */
		CLOSE,

		/** The policy threw, or returned no valid verdict in time. */
		FAILED

	}

}
