package dev.wspolicy.relay;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.Side;

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
	OUTBOUND_VERDICT,

	/**
	 * The client has not read for too long.
	 */
	SLOW_CLIENT,

	/**
	 * The upstream has not read for too long.
	 */
	SLOW_UPSTREAM,

	/**
	 * It is time to see whether the session is idle.
	 */
	IDLE,

	/**
	 * The session is as old as it may be.
	 */
	MAX_DURATION,

	/**
	 * It is time to see whether the client lives.
	 */
	CLIENT_HEARTBEAT,

	/**
	 * It is time to see whether the upstream lives.
	 */
	UPSTREAM_HEARTBEAT;

	static RelayTimer verdict(Direction direction) {
		return (direction == Direction.INBOUND) ? INBOUND_VERDICT : OUTBOUND_VERDICT;
	}

	static RelayTimer slow(Side side) {
		return (side == Side.CLIENT) ? SLOW_CLIENT : SLOW_UPSTREAM;
	}

	static RelayTimer heartbeat(Side side) {
		return (side == Side.CLIENT) ? CLIENT_HEARTBEAT : UPSTREAM_HEARTBEAT;
	}

}
