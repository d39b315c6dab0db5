package dev.wspolicy.actuate;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TrafficCounts;

/**
 * A page of the matching sessions.
 *
 * @param sessions the sessions, oldest first
 * @param total the number of matching sessions on all pages
 * @param next the {@code after} parameter of the next page, or {@code null} on the last
 * one
 * @param draining whether the gateway refuses new sessions and closes the live ones
 * @param drain the progress of the drain, or {@code null} if there is no drain
 * @param ended the most recently closed sessions, most recent first, or {@code null} if
 * they were not requested
 * @param refused the most recently refused upgrades, most recent first, or {@code null}
 * if they were not requested
 */
public record SessionsDescriptor(List<Summary> sessions, int total, @Nullable String next, boolean draining,
		@Nullable DrainProgress drain, @Nullable List<RecentEndings.EndedSession> ended,
		@Nullable List<RecentEndings.RefusedUpgrade> refused) implements OperationResponseBody {

	/**
	 * A summary of a live session.
	 *
	 * @param id its id
	 * @param route the id of its route
	 * @param pipeline the name of its pipeline
	 * @param path the requested path, without the query
	 * @param principal the name of the principal, or {@code null}
	 * @param remoteAddress the address and port of the client
	 * @param protocol the protocol of the client leg, {@code HTTP/1.1} or {@code HTTP/2}
	 * @param subprotocol the negotiated subprotocol, or {@code null}
	 * @param openedAt when it was opened
	 * @param lastActivityAt when the last data frame arrived
	 * @param open whether it still relays frames
	 * @param inbound the traffic from the client
	 * @param outbound the traffic from the upstream
	 */
	public record Summary(String id, String route, String pipeline, String path, @Nullable String principal,
			@Nullable String remoteAddress, String protocol, @Nullable String subprotocol, Instant openedAt,
			Instant lastActivityAt, boolean open, TrafficCounts inbound, TrafficCounts outbound) {

		static Summary of(ProxiedSession session, SessionValues values) {
			return new Summary(session.id(), session.upgrade().routeId(), session.pipeline(), session.upgrade().path(),
					SessionSelector.principalOf(session), Addresses.hostAndPort(session.upgrade().remoteAddress()),
					session.upgrade().protocol(), values.subprotocol(session.upgrade().subprotocol()),
					session.openedAt(), session.lastActivityAt(), session.isOpen(), session.counts(Direction.INBOUND),
					session.counts(Direction.OUTBOUND));
		}

	}

}
