package dev.wspolicy.fleet;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.TrafficCounts;

/**
 * A gateway of the fleet.
 *
 * @param name its name
 * @param startedAt when it joined
 * @param sessions the number of its live sessions
 * @param draining whether it refuses new sessions and closes the live ones
 * @param drain the progress of its drain, or {@code null} if there is no drain
 * @param inbound the traffic from its clients since it started, including that of closed
 * sessions
 * @param outbound the traffic from its upstreams since it started
 * @param lag the time since it last reported its state
 * @param reachable whether its state could be read; if not, the other values are those
 * that were last read
 */
public record FleetGateway(String name, Instant startedAt, int sessions, boolean draining,
		@Nullable DrainProgress drain, TrafficCounts inbound, TrafficCounts outbound, Duration lag, boolean reachable) {

	/**
	 * Returns a gateway that cannot be reached.
	 * @param name its name
	 * @return the gateway, without values
	 */
	public static FleetGateway unreachable(String name) {
		TrafficCounts none = new TrafficCounts(0, 0, 0);
		return new FleetGateway(name, Instant.EPOCH, 0, false, null, none, none, Duration.ZERO, false);
	}

}
