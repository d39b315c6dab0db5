package dev.wspolicy.fleet;

import java.net.InetSocketAddress;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ClientAddress;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TrafficCounts;

/**
 * What gateways tell each other about a live session. Contains no header, no query and no
 * token.
 *
 * @param id its id
 * @param gateway the name of the gateway that relays it
 * @param route the id of its route
 * @param pipeline the name of its pipeline
 * @param path the requested path, without the query, at most {@value #MAX_PATH}
 * characters
 * @param principal the name of the principal, or {@code null}
 * @param address the address of the client without the port, or {@code null}
 * @param port the port of the client, or 0
 * @param protocol the protocol of the client leg, {@code HTTP/1.1} or {@code HTTP/2}
 * @param subprotocol the negotiated subprotocol, or {@code null}; {@code ******} if it
 * may be a token
 * @param openedAt when it was opened
 * @param lastActivityAt when the last data frame arrived
 * @param open whether it still relays frames
 * @param inbound the traffic from the client
 * @param outbound the traffic from the upstream
 */
public record SessionEntry(String id, String gateway, String route, String pipeline, String path,
		@Nullable String principal, @Nullable String address, int port, String protocol, @Nullable String subprotocol,
		Instant openedAt, Instant lastActivityAt, boolean open, TrafficCounts inbound, TrafficCounts outbound) {

	/**
	 * The maximum number of characters of a path.
	 */
	public static final int MAX_PATH = 512;

	/**
	 * Describes a session.
	 * @param session the session
	 * @param gateway the name of the gateway that relays it
	 * @param subprotocol the subprotocol as it may be shown, or {@code null}
	 * @return the entry
	 */
	public static SessionEntry of(ProxiedSession session, String gateway, @Nullable String subprotocol) {
		InetSocketAddress remote = session.upgrade().remoteAddress();
		String address = ClientAddress.host(remote);
		return new SessionEntry(session.id(), gateway, session.upgrade().routeId(), session.pipeline(), path(session),
				SessionSelector.principalOf(session), address,
				(remote != null && address != null) ? remote.getPort() : 0, session.upgrade().protocol(), subprotocol,
				session.openedAt(), session.lastActivityAt(), session.isOpen(), session.counts(Direction.INBOUND),
				session.counts(Direction.OUTBOUND));
	}

	/** Returns the path of a session as its entry contains it. */
	static String path(ProxiedSession session) {
		String path = session.upgrade().path();
		return (path.length() > MAX_PATH) ? path.substring(0, MAX_PATH) : path;
	}

}
