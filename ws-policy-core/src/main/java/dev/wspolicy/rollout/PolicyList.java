package dev.wspolicy.rollout;

import dev.wspolicy.frame.Direction;

/**
 * The lists of a pipeline that a policy can be in.
 */
public enum PolicyList {

	/**
	 * Policies on upgrades.
	 */
	UPGRADE,

	/**
	 * Policies on what the client sends.
	 */
	INBOUND,

	/**
	 * Policies on what the upstream sends.
	 */
	OUTBOUND;

	/**
	 * Returns the list of the policies on one direction.
	 * @param direction the direction
	 * @return the list
	 */
	public static PolicyList of(Direction direction) {
		return (direction == Direction.INBOUND) ? INBOUND : OUTBOUND;
	}

}
