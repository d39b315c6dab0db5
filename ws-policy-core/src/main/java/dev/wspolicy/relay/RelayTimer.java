package dev.wspolicy.relay;

/**
 * The timers that a relay asks its driver for. At most one of each is set at a time.
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
	 * It is time to check whether the session is idle.
	 */
	IDLE,

	/**
	 * The session has reached its maximum duration.
	 */
	MAX_DURATION,

	/**
	 * It is time to check whether the client is alive.
	 */
	CLIENT_HEARTBEAT,

	/**
	 * It is time to check whether the upstream is alive.
	 */
	UPSTREAM_HEARTBEAT

}
