package dev.wspolicy.session;

import dev.wspolicy.frame.Direction;

/**
 * One of the two legs of a session.
 */
public enum Side {

	/**
	 * The leg to the client, which opened the session.
	 */
	CLIENT,

	/**
	 * The leg to the upstream, which the gateway dialled.
	 */
	UPSTREAM;

	/**
	 * Returns the other side.
	 * @return the other side
	 */
	public Side peer() {
		return (this == CLIENT) ? UPSTREAM : CLIENT;
	}

	/**
	 * Returns the direction of the frames that this side sends.
	 * @return inbound for the client, outbound for the upstream
	 */
	public Direction sends() {
		return (this == CLIENT) ? Direction.INBOUND : Direction.OUTBOUND;
	}

	/**
	 * Returns the side that sends the frames of a direction.
	 * @param direction the direction
	 * @return the client for inbound, the upstream for outbound
	 */
	public static Side sourceOf(Direction direction) {
		return (direction == Direction.INBOUND) ? CLIENT : UPSTREAM;
	}

}
