package dev.wspolicy.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.HeartbeatStatus;
import dev.wspolicy.session.ObservedCounts;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.session.VerdictCounts;

/**
 * A live session.
 *
 * @param id its id
 * @param route the id of its route
 * @param pipeline the name of its pipeline
 * @param principal the name of the principal, or {@code null}
 * @param openedAt when it was opened
 * @param lastActivityAt when the last data frame arrived
 * @param open whether it still relays frames
 * @param inbound the traffic from the client
 * @param outbound the traffic from the upstream
 * @param verdicts the verdicts by policy and direction
 * @param observed what observed policies would have done, by policy and direction
 * @param buffered the number of bytes in memory that have not been written yet, by side
 * @param heartbeat the state of the heartbeat, by side
 * @param attributes the session attributes
 * @param upgrade the request that opened it
 */
public record SessionDescriptor(String id, String route, String pipeline, @Nullable String principal, Instant openedAt,
		Instant lastActivityAt, boolean open, TrafficDescriptor inbound, TrafficDescriptor outbound,
		List<VerdictsDescriptor> verdicts, List<ObservedDescriptor> observed, Map<String, Long> buffered,
		Map<String, HeartbeatDescriptor> heartbeat, Map<String, Object> attributes,
		UpgradeDescriptor upgrade) implements OperationResponseBody {

	static SessionDescriptor of(ProxiedSession session, SessionValues values) {
		return new SessionDescriptor(session.id(), session.upgrade().routeId(), session.pipeline(),
				SessionSelector.principalOf(session), session.openedAt(), session.lastActivityAt(), session.isOpen(),
				TrafficDescriptor.of(session, Direction.INBOUND), TrafficDescriptor.of(session, Direction.OUTBOUND),
				verdicts(session),
				session.observedVerdicts().stream().map((counts) -> ObservedDescriptor.of(counts, values)).toList(),
				bySide(session::buffered), bySide((side) -> HeartbeatDescriptor.of(session.heartbeat(side))),
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
	 * The traffic of one direction.
	 *
	 * @param frames the number of frames, including control frames
	 * @param messages the number of complete data messages
	 * @param bytes the number of payload bytes
	 * @param types frames and payload bytes by frame type, without the types that have
	 * not occurred
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
	 * The verdicts of a policy in one direction.
	 *
	 * @param policy the name of the policy
	 * @param direction the direction
	 * @param forwarded the number of forwarded frames or messages
	 * @param replaced the number of replaced frames or messages
	 * @param dropped the number of dropped frames or messages
	 * @param replied the number of replies
	 * @param closed the number of verdicts that closed the session
	 * @param failed the number of calls that failed, timed out or returned an invalid
	 * verdict
	 * @param waits the number of delayed verdicts
	 * @param waited the total delay of these verdicts
	 */
	public record VerdictsDescriptor(String policy, String direction, long forwarded, long replaced, long dropped,
			long replied, long closed, long failed, long waits, Duration waited) {

		static VerdictsDescriptor of(VerdictCounts counts) {
			return new VerdictsDescriptor(counts.policy(), LowerCase.of(counts.direction()), counts.forwarded(),
					counts.replaced(), counts.dropped(), counts.replied(), counts.closed(), counts.failed(),
					counts.waits(), counts.waited());
		}

	}

	/**
	 * What an observed policy would have done in one direction.
	 *
	 * @param policy the name of the policy
	 * @param direction the direction
	 * @param replaced the number of frames or messages that it would have replaced
	 * @param dropped the number of frames or messages that it would have dropped
	 * @param replied the number of frames or messages that it would have answered
	 * @param closed how often it would have closed the session
	 * @param failed the number of calls that failed or returned an invalid verdict
	 * @param last what it would have done last
	 */
	public record ObservedDescriptor(String policy, String direction, long replaced, long dropped, long replied,
			long closed, long failed, ObservedVerdictDescriptor last) {

		static ObservedDescriptor of(ObservedCounts observed, SessionValues values) {
			VerdictCounts counts = observed.counts();
			return new ObservedDescriptor(observed.policy(), LowerCase.of(observed.direction()), counts.replaced(),
					counts.dropped(), counts.replied(), counts.closed(), counts.failed(),
					ObservedVerdictDescriptor.of(observed.last(), values));
		}

	}

	/**
	 * What an observed policy would have done.
	 *
	 * @param verdict its verdict
	 * @param code the code that the sender of the frame, or the client, would have been
	 * closed with, or {@code null}
	 * @param reason the reason, or {@code null}
	 */
	public record ObservedVerdictDescriptor(String verdict, @Nullable Integer code, @Nullable String reason) {

		static ObservedVerdictDescriptor of(ObservedVerdict verdict, SessionValues values) {
			CloseStatus status = verdict.status();
			return new ObservedVerdictDescriptor(LowerCase.of(verdict.kind()), (status != null) ? status.code() : null,
					(status != null && !status.reason().isEmpty()) ? values.reason(status.reason()) : null);
		}

	}

	/**
	 * The state of the heartbeat of one side.
	 *
	 * @param state {@code off}, {@code idle} or {@code pinged}
	 * @param since when the ping was sent that has not been answered yet, or {@code null}
	 */
	public record HeartbeatDescriptor(String state, @Nullable Instant since) {

		static HeartbeatDescriptor of(HeartbeatStatus status) {
			return new HeartbeatDescriptor(LowerCase.of(status.state()), status.since());
		}

	}

	/**
	 * The request that opened a session.
	 *
	 * @param time when it arrived
	 * @param protocol the protocol of the client leg, {@code HTTP/1.1} or {@code HTTP/2}
	 * @param uri the requested URI
	 * @param headers the request headers
	 * @param remoteAddress the address and port of the client
	 * @param localAddress the address and port that the client connected to
	 * @param secure whether the client leg uses TLS at this gateway
	 * @param subprotocol the negotiated subprotocol, or {@code null}
	 * @param upstreamUri the URI of the upstream
	 * @param upstreamHeaders the headers of the upstream's response
	 */
	public record UpgradeDescriptor(Instant time, String protocol, String uri, Map<String, List<Object>> headers,
			@Nullable String remoteAddress, @Nullable String localAddress, boolean secure, @Nullable String subprotocol,
			String upstreamUri, Map<String, List<Object>> upstreamHeaders) {

		static UpgradeDescriptor of(UpgradeContext upgrade, SessionValues values) {
			return new UpgradeDescriptor(upgrade.time(), upgrade.protocol(), values.uri(upgrade.uri()),
					values.headers(upgrade.headers()), Addresses.hostAndPort(upgrade.remoteAddress()),
					Addresses.hostAndPort(upgrade.localAddress()), upgrade.tls() != null,
					values.subprotocol(upgrade.subprotocol()), values.uri(upgrade.upstreamUri()),
					values.headers(upgrade.upstreamHeaders()));
		}

	}

}
