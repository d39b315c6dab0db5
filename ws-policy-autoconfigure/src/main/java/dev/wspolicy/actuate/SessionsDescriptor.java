package dev.wspolicy.actuate;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TrafficCounts;

/**
 * A page of the sessions that match.
 *
 * @param sessions the sessions, oldest first
 * @param total how many match, on all pages
 * @param next the {@code after} of the next page, or {@code null} on the last one
 * @param draining whether the gateway refuses new sessions and ends those that live
 * @param drain how far that has come, or {@code null} if there is no drain
 */
public record SessionsDescriptor(List<Summary> sessions, int total, @Nullable String next, boolean draining,
		@Nullable DrainProgress drain) implements OperationResponseBody {

	/**
	 * One session, in short.
	 *
	 * @param id its id
	 * @param route the id of its route
	 * @param pipeline the name of the pipeline that serves it
	 * @param path the path that the client asked for, without the query
	 * @param principal the name of the principal, if there is one
	 * @param remoteAddress the client's address and port
	 * @param subprotocol the subprotocol that is spoken
	 * @param openedAt when it was opened
	 * @param lastActivityAt when a data frame came last
	 * @param open whether frames may still pass
	 * @param inbound what the client has sent
	 * @param outbound what the upstream has sent
	 */
	public record Summary(String id, String route, String pipeline, String path, @Nullable String principal,
			@Nullable String remoteAddress, @Nullable String subprotocol, Instant openedAt, Instant lastActivityAt,
			boolean open, TrafficCounts inbound, TrafficCounts outbound) {

		static Summary of(ProxiedSession session) {
			return new Summary(session.id(), session.upgrade().routeId(), session.pipeline(), session.upgrade().path(),
					SessionFilter.principalOf(session), Addresses.hostAndPort(session.upgrade().remoteAddress()),
					session.upgrade().subprotocol(), session.openedAt(), session.lastActivityAt(), session.isOpen(),
					session.counts(Direction.INBOUND), session.counts(Direction.OUTBOUND));
		}

	}

}
