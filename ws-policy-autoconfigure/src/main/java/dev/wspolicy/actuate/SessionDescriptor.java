package dev.wspolicy.actuate;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.session.VerdictCounts;

/**
 * One session.
 *
 * @param id its id
 * @param route the id of its route
 * @param pipeline the name of the pipeline that serves it
 * @param principal the name of the principal, if there is one
 * @param openedAt when it was opened
 * @param lastActivityAt when a data frame came last
 * @param open whether frames may still pass
 * @param inbound what the client has sent
 * @param outbound what the upstream has sent
 * @param verdicts what its policies have answered, by policy and direction
 * @param buffered bytes in memory that are on their way, by the side they go to
 * @param attributes what policies keep for it
 * @param upgrade the request that opened it
 */
public record SessionDescriptor(String id, String route, String pipeline, @Nullable String principal, Instant openedAt,
		Instant lastActivityAt, boolean open, TrafficCounts inbound, TrafficCounts outbound,
		List<VerdictCounts> verdicts, Map<Side, Long> buffered, Map<String, Object> attributes,
		UpgradeDescriptor upgrade) implements OperationResponseBody {

	static SessionDescriptor of(ProxiedSession session, SessionValues values) {
		return new SessionDescriptor(session.id(), session.upgrade().routeId(), session.pipeline(),
				SessionFilter.principalOf(session), session.openedAt(), session.lastActivityAt(), session.isOpen(),
				session.counts(Direction.INBOUND), session.counts(Direction.OUTBOUND), verdicts(session),
				buffered(session), values.attributes(session.attributes()),
				UpgradeDescriptor.of(session.upgrade(), values));
	}

	private static List<VerdictCounts> verdicts(ProxiedSession session) {
		return Stream.of(Direction.values()).flatMap((direction) -> session.verdicts(direction).stream()).toList();
	}

	private static Map<Side, Long> buffered(ProxiedSession session) {
		Map<Side, Long> buffered = new EnumMap<>(Side.class);
		for (Side side : Side.values()) {
			buffered.put(side, session.buffered(side));
		}
		return buffered;
	}

	/**
	 * The request that opened a session.
	 *
	 * @param time when it was seen
	 * @param uri what the client asked for
	 * @param headers its headers
	 * @param remoteAddress the client's address and port
	 * @param localAddress the address and port that the client connected to
	 * @param secure whether the client's leg is encrypted at this gateway
	 * @param subprotocol the subprotocol that is spoken
	 * @param upstreamUri where the session is proxied to
	 * @param upstreamHeaders the headers of the upstream's answer
	 */
	public record UpgradeDescriptor(Instant time, String uri, Map<String, List<Object>> headers,
			@Nullable String remoteAddress, @Nullable String localAddress, boolean secure, @Nullable String subprotocol,
			String upstreamUri, Map<String, List<Object>> upstreamHeaders) {

		static UpgradeDescriptor of(UpgradeContext upgrade, SessionValues values) {
			return new UpgradeDescriptor(upgrade.time(), values.uri(upgrade.uri()), values.headers(upgrade.headers()),
					Addresses.hostAndPort(upgrade.remoteAddress()), Addresses.hostAndPort(upgrade.localAddress()),
					upgrade.tls() != null, upgrade.subprotocol(), values.uri(upgrade.upstreamUri()),
					values.headers(upgrade.upstreamHeaders()));
		}

	}

}
