package dev.wspolicy.gateway;

import java.util.Locale;

import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.testkit.ClientLeg;

/**
 * A case of the matrix.
 *
 * @param transport the transport of the gateway
 * @param leg what the client speaks
 * @param victim the peer that is lost
 * @param fate how
 * @param moment when
 */
record KillCell(Transport transport, ClientLeg leg, Side victim, KillFate fate, KillMoment moment) {

	String name() {
		return String
			.join("-", this.transport.name(), this.leg.name(), this.victim.name(), this.fate.name(), this.moment.name())
			.toLowerCase(Locale.ROOT)
			.replace('_', '-');
	}

	/** Whether there is such a case. */
	boolean exists() {
		return switch (this.fate) {
			// What a killed process leaves behind does not depend on the transport. Over
			// HTTP/2 it is the end of the connection.
			case KILLED -> this.transport == Transport.NATIVE && this.leg == ClientLeg.HTTP_1_1;
			// Over HTTP/1.1 the connection has no streams that could live on
			case FIN_OF_CONNECTION, RST_OF_CONNECTION -> this.leg == ClientLeg.HTTP_2 && this.victim == Side.CLIENT;
			default -> true;
		};
	}

	String pipeline() {
		return this.moment.policies().pipeline() + ((this.fate == KillFate.SILENCE) ? "-hasty" : "-patient");
	}

	Expected expected() {
		Cause cause = this.moment.cause(this);
		Initiator initiator = (this.moment.initiator(this) == Side.CLIENT) ? Initiator.CLIENT : Initiator.UPSTREAM;
		boolean byPeer = cause == Cause.CONNECTION_LOST || cause == Cause.CLOSE_FRAME;
		return new Expected(this.moment.closeCode(this), cause, byPeer ? initiator : Initiator.GATEWAY);
	}

	@Override
	public String toString() {
		return name();
	}

	enum Transport {

		NATIVE, NIO

	}

	/** The pipeline of the session. */
	enum Policies {

		NONE, READING, WAITING;

		String pipeline() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

	record Expected(int closeCode, Cause cause, Initiator initiator) {

	}

}
