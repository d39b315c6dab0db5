package dev.wspolicy.relay;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Initiator;

/**
 * What differs between the two sides of a session.
 */
enum RelaySide {

	CLIENT(Side.CLIENT, Initiator.CLIENT, CloseStatus.GOING_AWAY, RelayTimer.INBOUND_VERDICT, RelayTimer.SLOW_CLIENT,
			RelayTimer.CLIENT_HEARTBEAT),

	UPSTREAM(Side.UPSTREAM, Initiator.UPSTREAM, CloseStatus.INTERNAL_ERROR, RelayTimer.OUTBOUND_VERDICT,
			RelayTimer.SLOW_UPSTREAM, RelayTimer.UPSTREAM_HEARTBEAT);

	final Side side;

	final Initiator initiator;

	/** What the other side is told if this one violates the protocol. */
	final CloseStatus violationStatus;

	/** Goes off if a verdict on a frame that this side has sent is late. */
	final RelayTimer verdictTimer;

	/** Goes off if this side has not read for too long. */
	final RelayTimer slowTimer;

	final RelayTimer heartbeatTimer;

	RelaySide(Side side, Initiator initiator, CloseStatus violationStatus, RelayTimer verdictTimer,
			RelayTimer slowTimer, RelayTimer heartbeatTimer) {
		this.side = side;
		this.initiator = initiator;
		this.violationStatus = violationStatus;
		this.verdictTimer = verdictTimer;
		this.slowTimer = slowTimer;
		this.heartbeatTimer = heartbeatTimer;
	}

	static RelaySide of(Side side) {
		return (side == Side.CLIENT) ? CLIENT : UPSTREAM;
	}

}
