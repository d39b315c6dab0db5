package dev.wspolicy.session;

import dev.wspolicy.frame.Direction;

/**
 * What an observed policy would have done so far in one direction of a session.
 *
 * @param counts how often, by kind; what it would have forwarded is not counted
 * @param last what it would have done last
 */
public record ObservedCounts(VerdictCounts counts, ObservedVerdict last) {

	/**
	 * Returns the name of the policy.
	 * @return the name
	 */
	public String policy() {
		return this.counts.policy();
	}

	/**
	 * Returns the direction. A policy that would have closed the session without a frame
	 * is counted as inbound.
	 * @return the direction
	 */
	public Direction direction() {
		return this.counts.direction();
	}

}
