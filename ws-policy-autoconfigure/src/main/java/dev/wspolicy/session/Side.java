package dev.wspolicy.session;

import dev.wspolicy.frame.Direction;

/**
 * One of the two legs of a session.
 */
public enum Side {

	/**
	 * The leg towards the client, which opened the session.
	 */
	CLIENT,

	/**
	 * The leg towards the upstream, which the gateway has dialled.
	 */
	UPSTREAM;

	/**
	 * The other leg.
	 * @return the other one
	 */
	public Side peer() {
		return (this == CLIENT) ? UPSTREAM : CLIENT;
	}

	/**
	 * The direction of the frames that come from this side.
	 * @return inbound for the client, outbound for the upstream
	 */
	public Direction sends() {
		return (this == CLIENT) ? Direction.INBOUND : Direction.OUTBOUND;
	}

	/**
	 * The side that frames of a direction come from.
	 * @param direction the direction
	 * @return the client for inbound, the upstream for outbound
	 */
	public static Side sourceOf(Direction direction) {
		return (direction == Direction.INBOUND) ? CLIENT : UPSTREAM;
	}

}
