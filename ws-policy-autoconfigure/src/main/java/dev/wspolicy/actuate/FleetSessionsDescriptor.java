package dev.wspolicy.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.fleet.Fleet;
import dev.wspolicy.fleet.FleetGateway;
import dev.wspolicy.fleet.SessionEntry;
import dev.wspolicy.fleet.SessionList;
import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.TrafficCounts;

/**
 * A page of the matching sessions of all gateways.
 *
 * @param sessions the sessions, oldest first
 * @param total the number of matching sessions on all pages
 * @param next the {@code after} parameter of the next page, or {@code null} on the last
 * one
 * @param gateway the name of the gateway that answers
 * @param shared whether other gateways can belong to its fleet
 * @param draining whether the gateway that answers refuses new sessions
 * @param drain the progress of its drain, or {@code null} if there is no drain
 * @param ended the most recently closed sessions of the gateway that answers, or
 * {@code null} if they were not requested
 * @param refused the most recently refused upgrades of the gateway that answers, or
 * {@code null} if they were not requested
 * @param gateways the live gateways
 * @param fleet the gateways whose sessions are included
 */
public record FleetSessionsDescriptor(List<Summary> sessions, int total, @Nullable String next, String gateway,
		boolean shared, boolean draining, @Nullable DrainProgress drain,
		@Nullable List<RecentEndings.EndedSession> ended, @Nullable List<RecentEndings.RefusedUpgrade> refused,
		List<Gateway> gateways, FleetReach fleet) implements OperationResponseBody {

	static FleetSessionsDescriptor of(SessionList list, List<FleetGateway> gateways, Fleet fleet,
			SessionsDescriptor local) {
		return new FleetSessionsDescriptor(list.page().sessions().stream().map(Summary::of).toList(),
				list.page().total(), (list.page().next() != null) ? list.page().next().toString() : null,
				fleet.gateway(), fleet.isShared(), local.draining(), local.drain(), local.ended(), local.refused(),
				gateways.stream().map(Gateway::of).toList(), FleetReach.of(list.reach()));
	}

	/**
	 * A summary of a live session.
	 *
	 * @param id its id
	 * @param gateway the name of the gateway that relays it
	 * @param route the id of its route
	 * @param pipeline the name of its pipeline
	 * @param path the requested path, without the query
	 * @param principal the name of the principal, or {@code null}
	 * @param remoteAddress the address and port of the client
	 * @param protocol the protocol of the client leg, {@code HTTP/1.1} or {@code HTTP/2}
	 * @param subprotocol the negotiated subprotocol, or {@code null}
	 * @param openedAt when it was opened
	 * @param lastActivityAt when the last data frame arrived, slightly out of date
	 * @param open whether it still relays frames
	 * @param inbound the traffic from the client, slightly out of date
	 * @param outbound the traffic from the upstream, slightly out of date
	 */
	public record Summary(String id, String gateway, String route, String pipeline, String path,
			@Nullable String principal, @Nullable String remoteAddress, String protocol, @Nullable String subprotocol,
			Instant openedAt, Instant lastActivityAt, boolean open, TrafficCounts inbound,
			TrafficCounts outbound) implements OperationResponseBody {

		static Summary of(SessionEntry entry) {
			return new Summary(entry.id(), entry.gateway(), entry.route(), entry.pipeline(), entry.path(),
					entry.principal(), Addresses.hostAndPort(entry.address(), entry.port()), entry.protocol(),
					entry.subprotocol(), entry.openedAt(), entry.lastActivityAt(), entry.open(), entry.inbound(),
					entry.outbound());
		}

	}

	/**
	 * A live gateway.
	 *
	 * @param name its name
	 * @param startedAt when it joined, or {@code null} if its state could not be read
	 * @param sessions the number of its live sessions
	 * @param draining whether it refuses new sessions and closes the live ones
	 * @param drain the progress of its drain, or {@code null} if there is no drain
	 * @param inbound the traffic from its clients since it started
	 * @param outbound the traffic from its upstreams since it started
	 * @param lag the time since it last reported its state
	 * @param reachable whether its state could be read
	 */
	public record Gateway(String name, @Nullable Instant startedAt, int sessions, boolean draining,
			@Nullable DrainProgress drain, TrafficCounts inbound, TrafficCounts outbound, Duration lag,
			boolean reachable) {

		static Gateway of(FleetGateway gateway) {
			return new Gateway(gateway.name(), gateway.startedAt().equals(Instant.EPOCH) ? null : gateway.startedAt(),
					gateway.sessions(), gateway.draining(), gateway.drain(), gateway.inbound(), gateway.outbound(),
					gateway.lag(), gateway.reachable());
		}

	}

	/**
	 * One session of the fleet.
	 *
	 * @param session the session, or {@code null} if it was not found
	 * @param message why there is no session, or {@code null}
	 * @param fleet the gateways that were searched
	 */
	public record Found(@Nullable Summary session, @Nullable String message,
			FleetReach fleet) implements OperationResponseBody {

	}

	/**
	 * The number of sessions that were closed.
	 *
	 * @param closed the number
	 * @param fleet the gateways that answered
	 */
	public record Closed(long closed, FleetReach fleet) implements OperationResponseBody {

	}

	/**
	 * The number of sessions that a text was sent to.
	 *
	 * @param sent the number
	 * @param fleet the gateways that answered
	 */
	public record Sent(long sent, FleetReach fleet) implements OperationResponseBody {

	}

	/**
	 * The number of sessions that were closed by a revocation.
	 *
	 * @param closed the number
	 * @param fleet the gateways that answered
	 */
	public record Revoked(long closed, FleetReach fleet) implements OperationResponseBody {

	}

	/**
	 * The state of the drain of one gateway.
	 *
	 * @param gateway the name of the gateway
	 * @param draining whether it drains
	 * @param sessions the number of its live sessions
	 * @param fleet whether it answered
	 */
	public record Drained(String gateway, boolean draining, long sessions,
			FleetReach fleet) implements OperationResponseBody {

	}

}
