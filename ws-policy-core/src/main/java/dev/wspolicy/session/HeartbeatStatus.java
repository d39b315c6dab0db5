package dev.wspolicy.session;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * The status of the heartbeat of one side of a session.
 *
 * @param state what the gateway is doing about it
 * @param since when the peer was pinged, or {@code null} unless its answer is awaited
 */
public record HeartbeatStatus(State state, @Nullable Instant since) {

	/**
	 * There is no heartbeat.
	 */
	public static final HeartbeatStatus OFF = new HeartbeatStatus(State.OFF, null);

	/**
	 * The peer has sent something within the interval, or is not being read.
	 */
	public static final HeartbeatStatus IDLE = new HeartbeatStatus(State.IDLE, null);

	/**
	 * Returns the status of a peer that was silent and has been pinged.
	 * @param since when it was pinged
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

		/** The interval has not passed in silence yet. */
		IDLE,

		/** The peer has been pinged, and has sent nothing since. */
		PINGED

	}

}
