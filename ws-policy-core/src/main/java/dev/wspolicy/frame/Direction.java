package dev.wspolicy.frame;

/**
 * The direction in which a frame travels.
 */
public enum Direction {

	/**
	 * From the client to the upstream.
	 */
	INBOUND,

	/**
	 * From the upstream to the client.
	 */
	OUTBOUND;

	/**
	 * Returns the other direction, in which an answer travels.
	 * @return the other direction
	 */
	public Direction opposite() {
		return (this == INBOUND) ? OUTBOUND : INBOUND;
	}

}
