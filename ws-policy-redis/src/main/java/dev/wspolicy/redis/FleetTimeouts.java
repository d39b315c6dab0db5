package dev.wspolicy.redis;

import java.time.Duration;

/**
 * How long this gateway waits for more than a single call to Redis.
 *
 * @param answer how long it waits for the answers of other gateways to a command
 * @param read how long it reads the sessions of one other gateway
 * @param join how long the application waits at start for what has been revoked
 * @param leave how long the application waits when it stops
 */
record FleetTimeouts(Duration answer, Duration read, Duration join, Duration leave) {

	/** The first two are short enough for an answer within a second. */
	static final FleetTimeouts DEFAULT = new FleetTimeouts(Duration.ofMillis(700), Duration.ofMillis(700),
			Duration.ofSeconds(2), Duration.ofSeconds(1));

}
