package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.NamePattern;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;

/**
 * What serves the sessions of a route. Settings of policies are not shown: they may be
 * secrets.
 *
 * @param pipeline the name of the pipeline
 * @param enabled whether upgrades are accepted
 * @param upgrade the policies on upgrades, in order
 * @param inbound the policies on what the client sends, in order
 * @param outbound the policies on what the upstream sends, in order
 * @param limits how big frames and messages may be
 * @param timeouts how long sessions wait
 * @param masking what becomes of the client's masks
 * @param validateUtf8 when text is checked
 * @param compression which legs may be compressed
 * @param contentType the media type of the messages
 * @param onLoss what a peer is told when the other one is lost
 */
public record RoutePipelineDescriptor(String pipeline, boolean enabled, List<UpgradePolicyDescriptor> upgrade,
		List<FramePolicyDescriptor> inbound, List<FramePolicyDescriptor> outbound, LimitsDescriptor limits,
		TimeoutsDescriptor timeouts, Masking masking, Utf8Validation validateUtf8, CompressionDescriptor compression,
		String contentType, LossDescriptor onLoss) implements OperationResponseBody {

	static RoutePipelineDescriptor of(PipelineCatalog catalog, List<UpgradeBinding> everywhere, String name,
			String routeId) {
		PipelineDefinition definition = catalog.definition(name);
		List<UpgradePolicyDescriptor> upgrade = Stream.concat(everywhere.stream(), definition.upgrade().stream())
			.map(UpgradePolicyDescriptor::of)
			.toList();
		return new RoutePipelineDescriptor(name, definition.enabled(), upgrade,
				policies(catalog.policies(name, Direction.INBOUND, routeId)),
				policies(catalog.policies(name, Direction.OUTBOUND, routeId)),
				LimitsDescriptor.of(definition.inboundLimits(), definition.outboundLimits()),
				TimeoutsDescriptor.of(definition.timeouts()), definition.framing().masking(),
				definition.framing().validateUtf8(),
				new CompressionDescriptor(definition.framing().compression().client(),
						definition.framing().compression().upstream()),
				definition.contentType(),
				new LossDescriptor(definition.lostUpstream().code(), definition.lostClient().code()));
	}

	private static List<FramePolicyDescriptor> policies(List<PolicyBinding> bindings) {
		return bindings.stream().map(FramePolicyDescriptor::of).toList();
	}

	/**
	 * A policy on upgrades.
	 *
	 * @param name the name of the bean or the factory
	 * @param type the name of its class
	 * @param origin how it came there
	 * @param property the property that lists it, if one does
	 */
	public record UpgradePolicyDescriptor(String name, String type, PolicyOrigin.Kind origin,
			@Nullable String property) {

		static UpgradePolicyDescriptor of(UpgradeBinding binding) {
			PolicyOrigin origin = binding.origin();
			return new UpgradePolicyDescriptor(binding.name(), origin.type(), origin.kind(), origin.property());
		}

	}

	/**
	 * A policy on frames.
	 *
	 * @param name the name of the bean or the factory
	 * @param type the name of its class
	 * @param origin how it came there
	 * @param property the property that lists it, if one does
	 * @param types the types of frames that it is shown
	 * @param granularity whether it is shown messages or wire frames
	 * @param onError what becomes of a frame when it fails
	 * @param subprotocols patterns of the subprotocols it serves; empty for all
	 */
	public record FramePolicyDescriptor(String name, String type, PolicyOrigin.Kind origin, @Nullable String property,
			Set<FrameType> types, Granularity granularity, OnError onError, List<String> subprotocols) {

		static FramePolicyDescriptor of(PolicyBinding binding) {
			PolicyOrigin origin = binding.origin();
			return new FramePolicyDescriptor(binding.name(), origin.type(), origin.kind(), origin.property(),
					new TreeSet<>(binding.types()), binding.granularity(), binding.onError(),
					binding.subprotocols().stream().map(NamePattern::toString).toList());
		}

	}

	/**
	 * How big frames and messages may be. What has no limit is {@code null}.
	 *
	 * @param inboundFrame bytes per frame from the client
	 * @param inboundMessage bytes per message from the client
	 * @param outboundFrame bytes per frame from the upstream
	 * @param outboundMessage bytes per message from the upstream
	 * @param fragments frames per message
	 */
	public record LimitsDescriptor(@Nullable Long inboundFrame, @Nullable Long inboundMessage,
			@Nullable Long outboundFrame, @Nullable Long outboundMessage, @Nullable Long fragments) {

		static LimitsDescriptor of(Limits inbound, Limits outbound) {
			return new LimitsDescriptor(bounded(inbound.frame()), bounded(inbound.message()), bounded(outbound.frame()),
					bounded(outbound.message()), bounded(inbound.fragments()));
		}

		private static @Nullable Long bounded(long limit) {
			return (limit != Long.MAX_VALUE) ? limit : null;
		}

	}

	/**
	 * How long sessions wait. What waits for ever is {@code null}.
	 *
	 * @param handshake for the upstream's answer to the upgrade
	 * @param close for the end of the closing handshake
	 * @param verdict for a verdict that a policy gives later
	 * @param frame for the next byte of a frame that has begun
	 * @param slowConsumer for a peer that does not read
	 * @param idle for the next message in either direction
	 * @param maxDuration from the opening of the session to its end
	 * @param heartbeatInterval how long a peer may be silent before it is pinged
	 * @param heartbeatTimeout how long it may stay silent after that
	 */
	public record TimeoutsDescriptor(Duration handshake, Duration close, Duration verdict, Duration frame,
			@Nullable Duration slowConsumer, @Nullable Duration idle, @Nullable Duration maxDuration,
			@Nullable Duration heartbeatInterval, @Nullable Duration heartbeatTimeout) {

		static TimeoutsDescriptor of(Timeouts timeouts) {
			Timeouts.Heartbeat heartbeat = timeouts.heartbeat();
			return new TimeoutsDescriptor(timeouts.handshake(), timeouts.close(), timeouts.verdict(), timeouts.frame(),
					bounded(timeouts.slowConsumer()), bounded(timeouts.idle()), bounded(timeouts.maxDuration()),
					bounded(heartbeat.interval()), heartbeat.isOn() ? heartbeat.timeout() : null);
		}

		private static @Nullable Duration bounded(Duration timeout) {
			return timeout.isZero() ? null : timeout;
		}

	}

	/**
	 * Which legs may be compressed.
	 *
	 * @param client the leg to the client
	 * @param upstream the leg to the upstream
	 */
	public record CompressionDescriptor(boolean client, boolean upstream) {

	}

	/**
	 * What a peer is told when the other one is lost without a close frame.
	 *
	 * @param upstream the close code for the client
	 * @param client the close code for the upstream
	 */
	public record LossDescriptor(int upstream, int client) {

	}

}
