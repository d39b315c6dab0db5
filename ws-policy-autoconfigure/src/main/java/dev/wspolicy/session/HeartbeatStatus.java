package dev.wspolicy.session;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * How it stands with the heartbeat of one side of a session.
 *
 * @param state what the gateway is doing about it
 * @param since when the peer was pinged, if its answer is awaited
 */
public record HeartbeatStatus(State state, @Nullable Instant since) {

	/**
	 * There is no heartbeat.
	 */
	public static final HeartbeatStatus OFF = new HeartbeatStatus(State.OFF, null);

	/**
	 * The peer was heard of within the interval, or could not be.
	 */
	public static final HeartbeatStatus IDLE = new HeartbeatStatus(State.IDLE, null);

	/**
	 * A peer has been silent, and was pinged.
	 * @param since when that was
	 * @return the status
	 */
	public static HeartbeatStatus pinged(Instant since) {
		return new HeartbeatStatus(State.PINGED, since);
	}

	/**
	 * What the gateway is doing.
	 */
	public enum State {

		/** Nothing: there is no heartbeat. */
		OFF,

		/** It waits for the interval to pass in silence. */
		IDLE,

		/** It waits for a sign of life. */
		PINGED

	}

}
