package dev.wspolicy.relay;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

/**
 * The parts of a relay, and how they end a session: both directions are shut, and both
 * legs closed. What lets policies and the driver call back because of that is put off
 * until the current call of the relay returns.
 */
abstract class RelayClosing {

	final RelayEnvironment environment;

	final Leg client;

	final Leg upstream;

	final DirectionRelay inbound;

	final DirectionRelay outbound;

	final SessionLifecycle lifecycle;

	/** The number of calls of the relay that are under way, one within the other. */
	private int calls;

	RelayClosing(SessionPipeline pipeline, RelayOutput output, RelayObserver observer) {
		this.environment = new RelayEnvironment(output, observer, pipeline.settings().timeouts());
		this.client = new Leg(RelaySide.CLIENT, this.environment, pipeline.settings().lostClient());
		this.upstream = new Leg(RelaySide.UPSTREAM, this.environment, pipeline.settings().lostUpstream());
		AdmittedFrames fromClient = new AdmittedFrames(RelaySide.CLIENT, pipeline.settings().limits(Direction.INBOUND));
		AdmittedFrames fromUpstream = new AdmittedFrames(RelaySide.UPSTREAM,
				pipeline.settings().limits(Direction.OUTBOUND));
		this.lifecycle = new SessionLifecycle(this.environment, this.client, fromClient, this.upstream, fromUpstream);
		this.inbound = new DirectionRelay(this.environment, this.lifecycle, this.client, this.upstream, fromClient,
				pipeline);
		this.outbound = new DirectionRelay(this.environment, this.lifecycle, this.upstream, this.client, fromUpstream,
				pipeline);
	}

	/** A call begins that may lead to others. */
	final void enter() {
		this.calls++;
	}

	/** A call is about to return. */
	final void leave() {
		this.calls--;
		runDeferred();
	}

	private void runDeferred() {
		if (this.calls == 0 && this.environment.hasDeferred) {
			this.environment.hasDeferred = false;
			this.inbound.runDeferred();
			this.outbound.runDeferred();
		}
	}

	/** Ends the session as a stage wants it, if one does. */
	final void end(@Nullable Ending ending) {
		if (ending != null) {
			this.lifecycle.beginClosing(Initiator.GATEWAY, ending.cause(), ending.policy());
			shut();
			this.client.close(ending.toClient(), ending.origin(), ending.author());
			this.upstream.close(ending.toUpstream(), ending.origin(), ending.author());
			runDeferred();
		}
	}

	/** A watchdog's timer has gone off. */
	final void onWatchdog(RelayTimer timer) {
		Ending ending = this.lifecycle.watchdog().onTimer(timer);
		if (ending != null) {
			end(ending);
			if (ending.cause() == Cause.HEARTBEAT_MISSED) {
				// The peer is dead: nobody waits for it.
				((timer == this.client.traits().heartbeatTimer) ? this.client : this.upstream).closeSocket();
			}
		}
	}

	/**
	 * A peer is lost: ends the other leg.
	 * @param leg the leg to the peer
	 * @param other the other leg
	 */
	final void lose(Leg leg, Leg other) {
		this.lifecycle.beginClosing(leg.traits().initiator, Cause.CONNECTION_LOST, null);
		shut();
		if (leg.isLost() && other.isLost()) {
			this.lifecycle.terminate();
		}
		else {
			other.resetIfHalfWritten();
			other.closeAfterLoss(leg.lossStatus());
		}
		runDeferred();
	}

	/** The closing handshakes may have taken too long. */
	final void onCloseTimeout() {
		CloseDeadline deadline = this.lifecycle.deadline();
		if (deadline != null && deadline.isOver()) {
			shut();
			onCloseTimeout(this.client, deadline);
			onCloseTimeout(this.upstream, deadline);
		}
	}

	private static void onCloseTimeout(Leg leg, CloseDeadline deadline) {
		if (!leg.isFrameOpen()) {
			leg.close(leg.ownStatusOr(CloseStatus.GOING_AWAY), Origin.GATEWAY, null);
		}
		deadline.close(leg);
	}

	/** Lets nothing more pass, because something has failed. */
	void stop() {
		this.lifecycle.beginClosing(Initiator.GATEWAY, Cause.INTERNAL_ERROR, null);
		shut();
	}

	/** Ends the session at once, whatever state it is in. */
	void abandon() {
		try {
			stop();
			this.inbound.runDeferred();
			this.outbound.runDeferred();
		}
		finally {
			this.client.lost();
			this.upstream.lost();
			this.lifecycle.terminate();
		}
	}

	private void shut() {
		this.inbound.shut();
		this.outbound.shut();
	}

}
