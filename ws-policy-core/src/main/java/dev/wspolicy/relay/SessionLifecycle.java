package dev.wspolicy.relay;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

/**
 * The state of a session, and how it came to its end.
 */
final class SessionLifecycle {

	private final RelayEnvironment environment;

	private final Leg client;

	private final FrameSequence inbound;

	private final Leg upstream;

	private final FrameSequence outbound;

	private final SessionWatchdog watchdog;

	private State state = State.OPEN;

	/** Who began to end the session. */
	private Initiator initiator = Initiator.GATEWAY;

	private Cause cause = Cause.CLOSE_FRAME;

	/** The name of the policy that ended the session; null if none did. */
	private @Nullable String policy;

	/** Null as long as the session is open. */
	private @Nullable CloseDeadline deadline;

	SessionLifecycle(RelayEnvironment environment, Leg client, FrameSequence inbound, Leg upstream,
			FrameSequence outbound) {
		this.environment = environment;
		this.client = client;
		this.inbound = inbound;
		this.upstream = upstream;
		this.outbound = outbound;
		this.watchdog = new SessionWatchdog(environment, client, inbound, upstream, outbound);
	}

	/** Watches over the session as long as it is open. */
	SessionWatchdog watchdog() {
		return this.watchdog;
	}

	boolean isOpen() {
		return this.state == State.OPEN;
	}

	/** Limits how long the session may take to close; null as long as it is open. */
	@Nullable CloseDeadline deadline() {
		return this.deadline;
	}

	/**
	 * Inserts a frame of the gateway's own, or of a policy, between what is written to a
	 * leg. If too much waits for the peer already, the frame is discarded.
	 * @return how the session ends if too much waits for the peer already, or
	 * {@code null}
	 */
	@Nullable Ending insert(Leg leg, Frame frame) {
		if (leg.isOverfull()) {
			return isOpen() ? Ending.slowConsumer(leg.side()) : null;
		}
		leg.insert(frame);
		return null;
	}

	/**
	 * The session begins to close, unless it has begun before.
	 * @param initiator who ends it
	 * @param cause why
	 * @param policy the name of the policy that ends it, or {@code null}
	 */
	void beginClosing(Initiator initiator, Cause cause, @Nullable String policy) {
		if (this.state != State.OPEN) {
			return;
		}
		this.state = State.CLOSING;
		this.initiator = initiator;
		this.cause = cause;
		this.policy = policy;
		this.watchdog.stop();
		this.deadline = new CloseDeadline(this.environment, cause, this.client, this.inbound, this.upstream,
				this.outbound);
		this.environment.observer.onEnding();
	}

	/** Both legs are gone. */
	void terminate() {
		if (this.state == State.CLOSED) {
			return;
		}
		this.state = State.CLOSED;
		try {
			for (RelayTimer timer : RelayTimer.values()) {
				this.environment.output.cancel(timer);
			}
		}
		finally {
			this.environment.observer.onTerminated(
					new Termination(this.initiator, this.cause, this.client.receivedClose(), this.client.takenClose(),
							this.upstream.receivedClose(), this.upstream.takenClose(), this.policy));
		}
	}

	/**
	 * The states of a session.
	 */
	private enum State {

		/** Frames pass. */
		OPEN,

		/** Nothing new passes; the legs finish their closing handshakes. */
		CLOSING,

		/** Both legs are gone. */
		CLOSED

	}

}
