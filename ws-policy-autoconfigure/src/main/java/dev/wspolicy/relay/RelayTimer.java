package dev.wspolicy.relay;

import dev.wspolicy.frame.Direction;

/**
 * The alarms that a relay asks its driver for. At most one of each is set at a time.
 */
public enum RelayTimer {

	/**
	 * The closing handshake has taken too long.
	 */
	CLOSE,

	/**
	 * A verdict on an inbound frame has not come in time.
	 */
	INBOUND_VERDICT,

	/**
	 * A verdict on an outbound frame has not come in time.
	 */
	OUTBOUND_VERDICT;

	static RelayTimer verdict(Direction direction) {
		return (direction == Direction.INBOUND) ? INBOUND_VERDICT : OUTBOUND_VERDICT;
	}

}
