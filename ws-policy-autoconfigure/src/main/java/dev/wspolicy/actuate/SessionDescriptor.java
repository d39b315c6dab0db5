package dev.wspolicy.actuate;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.HeartbeatStatus;
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
 * @param heartbeat how it stands with the heartbeat, by side
 * @param attributes what policies keep for it
 * @param upgrade the request that opened it
 */
public record SessionDescriptor(String id, String route, String pipeline, @Nullable String principal, Instant openedAt,
		Instant lastActivityAt, boolean open, TrafficDescriptor inbound, TrafficDescriptor outbound,
		List<VerdictsDescriptor> verdicts, Map<String, Long> buffered, Map<String, HeartbeatDescriptor> heartbeat,
		Map<String, Object> attributes, UpgradeDescriptor upgrade) implements OperationResponseBody {

	static SessionDescriptor of(ProxiedSession session, SessionValues values) {
		return new SessionDescriptor(session.id(), session.upgrade().routeId(), session.pipeline(),
				SessionFilter.principalOf(session), session.openedAt(), session.lastActivityAt(), session.isOpen(),
				TrafficDescriptor.of(session, Direction.INBOUND), TrafficDescriptor.of(session, Direction.OUTBOUND),
				verdicts(session), bySide(session::buffered),
				bySide((side) -> HeartbeatDescriptor.of(session.heartbeat(side))),
				values.attributes(session.attributes()), UpgradeDescriptor.of(session.upgrade(), values));
	}

	private static List<VerdictsDescriptor> verdicts(ProxiedSession session) {
		return Stream.of(Direction.values())
			.flatMap((direction) -> session.verdicts(direction).stream())
			.map(VerdictsDescriptor::of)
			.toList();
	}

	private static <T> Map<String, T> bySide(Function<Side, T> value) {
		Map<String, T> values = new LinkedHashMap<>();
		for (Side side : Side.values()) {
			values.put(LowerCase.of(side), value.apply(side));
		}
		return values;
	}

	/**
	 * What has travelled in one direction.
	 *
	 * @param frames the number of frames, control frames included
	 * @param messages the number of data messages whose end has been seen
	 * @param bytes the number of payload bytes
	 * @param types frames and bytes of each type of which there was a frame
	 */
	public record TrafficDescriptor(long frames, long messages, long bytes, Map<String, FrameCounts> types) {

		static TrafficDescriptor of(ProxiedSession session, Direction direction) {
			Map<String, FrameCounts> types = new LinkedHashMap<>();
			for (FrameType type : FrameType.values()) {
				FrameCounts counts = session.counts(direction, type);
				if (counts.frames() > 0) {
					types.put(LowerCase.of(type), counts);
				}
			}
			TrafficCounts counts = session.counts(direction);
			return new TrafficDescriptor(counts.frames(), counts.messages(), counts.bytes(), types);
		}

	}

	/**
	 * What a policy has answered in one direction.
	 *
	 * @param policy the name of the policy
	 * @param direction the direction
	 * @param forwarded how many frames or messages it has let pass
	 * @param replaced how many it has replaced
	 * @param dropped how many it has dropped
	 * @param replied how many it has answered
	 * @param closed how many made it close the session
	 * @param failed how often it gave no valid verdict, or none in time
	 */
	public record VerdictsDescriptor(String policy, String direction, long forwarded, long replaced, long dropped,
			long replied, long closed, long failed) {

		static VerdictsDescriptor of(VerdictCounts counts) {
			return new VerdictsDescriptor(counts.policy(), LowerCase.of(counts.direction()), counts.forwarded(),
					counts.replaced(), counts.dropped(), counts.replied(), counts.closed(), counts.failed());
		}

	}

	/**
	 * How it stands with the heartbeat of one side.
	 *
	 * @param state off, idle, or pinged
	 * @param since when the side was pinged, if its answer is awaited
	 */
	public record HeartbeatDescriptor(String state, @Nullable Instant since) {

		static HeartbeatDescriptor of(HeartbeatStatus status) {
			return new HeartbeatDescriptor(LowerCase.of(status.state()), status.since());
		}

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
