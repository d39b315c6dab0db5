package dev.wspolicy.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.NamePattern;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.rollout.PolicyList;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.RolloutOverrides;

/**
 * The pipeline of a route. It does not contain the settings of policies, because they may
 * be secrets.
 *
 * @param pipeline the name of the pipeline
 * @param enabled whether upgrades are accepted
 * @param sessions the number of live sessions of the route on this gateway
 * @param upgrade the upgrade policies, in order
 * @param inbound the inbound frame policies, in order
 * @param outbound the outbound frame policies, in order
 * @param limits the limits on frames and messages
 * @param timeouts the timeouts of sessions by name, without those that are off
 * @param masking how unchanged client frames are masked towards the upstream
 * @param validateUtf8 when text is validated
 * @param compression which legs may be compressed
 * @param contentType the media type of the messages
 * @param onLoss how a peer is closed when the other one is lost
 */
public record RoutePipelineDescriptor(String pipeline, boolean enabled, long sessions,
		List<UpgradePolicyDescriptor> upgrade, List<FramePolicyDescriptor> inbound,
		List<FramePolicyDescriptor> outbound, LimitsDescriptor limits, Map<String, Duration> timeouts, Masking masking,
		Utf8Validation validateUtf8, CompressionDescriptor compression, String contentType,
		LossDescriptor onLoss) implements OperationResponseBody {

	static RoutePipelineDescriptor of(PipelineCatalog catalog, String name, String routeId, long sessions) {
		PipelineDefinition definition = catalog.definition(name);
		RolloutOverrides overrides = catalog.overrides();
		SessionSettings settings = definition.settings();
		List<UpgradePolicyDescriptor> upgrade = catalog.upgradePolicies(definition, routeId)
			.stream()
			.map((binding) -> UpgradePolicyDescriptor.of(binding,
					overrides.find(name, binding.name(), PolicyList.UPGRADE, routeId)))
			.toList();
		return new RoutePipelineDescriptor(name, definition.enabled(), sessions, upgrade,
				policies(catalog, name, Direction.INBOUND, routeId),
				policies(catalog, name, Direction.OUTBOUND, routeId),
				LimitsDescriptor.of(settings.inboundLimits(), settings.outboundLimits()), settings.timeouts().toMap(),
				settings.wireOptions().masking(), settings.wireOptions().validateUtf8(),
				new CompressionDescriptor(settings.wireOptions().compression().client(),
						settings.wireOptions().compression().upstream()),
				settings.contentType(),
				new LossDescriptor(answer(settings.lostUpstream()), answer(settings.lostClient())));
	}

	private static Object answer(@Nullable CloseStatus status) {
		return (status != null) ? status.code() : "abort";
	}

	private static List<FramePolicyDescriptor> policies(PipelineCatalog catalog, String name, Direction direction,
			String routeId) {
		RolloutOverrides overrides = catalog.overrides();
		return catalog.policies(name, direction, routeId)
			.stream()
			.map((binding) -> FramePolicyDescriptor.of(binding,
					overrides.find(name, binding.name(), PolicyList.of(direction), routeId)))
			.toList();
	}

	/**
	 * An upgrade policy.
	 *
	 * @param name the name of the bean or the factory
	 * @param type the name of its class
	 * @param origin how it was added to the pipeline
	 * @param property the property that lists it, or {@code null}
	 * @param rollout whether it is enforced, and for whom
	 * @param overridden what an operator has put in the place of the configured rollout,
	 * or {@code null}
	 */
	public record UpgradePolicyDescriptor(String name, String type, PolicyOrigin.Kind origin, @Nullable String property,
			RolloutDescriptor rollout, @Nullable OverrideDescriptor overridden) {

		static UpgradePolicyDescriptor of(UpgradeBinding binding, @Nullable RolloutOverride override) {
			PolicyOrigin origin = binding.origin();
			return new UpgradePolicyDescriptor(binding.name(), origin.type(), origin.kind(), origin.property(),
					RolloutDescriptor.of(binding.rollout()), OverrideDescriptor.of(override, binding.configured()));
		}

	}

	/**
	 * A frame policy.
	 *
	 * @param name the name of the bean or the factory
	 * @param type the name of its class
	 * @param origin how it was added to the pipeline
	 * @param property the property that lists it, or {@code null}
	 * @param rollout whether it is enforced, and for whom
	 * @param types the frame types that it applies to
	 * @param granularity whether it gets whole messages or single frames
	 * @param onError what happens to a frame when the policy fails
	 * @param subprotocols patterns of the subprotocols that it applies to; empty for all
	 * @param overridden what an operator has put in the place of the configured rollout,
	 * or {@code null}
	 */
	public record FramePolicyDescriptor(String name, String type, PolicyOrigin.Kind origin, @Nullable String property,
			RolloutDescriptor rollout, Set<FrameType> types, Granularity granularity, OnError onError,
			List<String> subprotocols, @Nullable OverrideDescriptor overridden) {

		static FramePolicyDescriptor of(PolicyBinding binding, @Nullable RolloutOverride override) {
			PolicyOrigin origin = binding.origin();
			return new FramePolicyDescriptor(binding.name(), origin.type(), origin.kind(), origin.property(),
					RolloutDescriptor.of(binding.rollout()), new TreeSet<>(binding.types()), binding.granularity(),
					binding.onError(), binding.subprotocols().stream().map(NamePattern::toString).toList(),
					OverrideDescriptor.of(override, binding.configured()));
		}

	}

	/**
	 * How far a policy has been rolled out.
	 *
	 * @param mode the mode for the share of the clients
	 * @param share the share in percent
	 * @param rest the mode for the other clients, or {@code null} if there are none
	 */
	public record RolloutDescriptor(PolicyMode mode, double share, @Nullable PolicyMode rest) {

		static RolloutDescriptor of(Rollout rollout) {
			double share = rollout.percent();
			return new RolloutDescriptor(rollout.mode(), share, (share < 100) ? rollout.rest() : null);
		}

	}

	/**
	 * What an operator has put in the place of a configured rollout.
	 *
	 * @param by who has done so, or {@code null} if it is unknown
	 * @param since when
	 * @param until when it ends by itself, or {@code null} for never
	 * @param list the list that it is restricted to, or {@code null}
	 * @param route the id of the route that it is restricted to, or {@code null}
	 * @param configured what applies when it has been undone
	 */
	public record OverrideDescriptor(@Nullable String by, Instant since, @Nullable Instant until,
			@Nullable PolicyList list, @Nullable String route, RolloutDescriptor configured) {

		static @Nullable OverrideDescriptor of(@Nullable RolloutOverride override, Rollout configured) {
			return (override != null) ? new OverrideDescriptor(
					override.operator().isEmpty() ? null : override.operator(), override.since(), override.until(),
					override.target().list(), override.target().route(), RolloutDescriptor.of(configured)) : null;
		}

	}

	/**
	 * The limits on frames and messages, {@code null} for no limit.
	 *
	 * @param inboundFrame bytes per frame from the client
	 * @param inboundMessage bytes per message from the client
	 * @param outboundFrame bytes per frame from the upstream
	 * @param outboundMessage bytes per message from the upstream
	 * @param inboundFragments frames per message from the client
	 * @param outboundFragments frames per message from the upstream
	 */
	public record LimitsDescriptor(@Nullable Long inboundFrame, @Nullable Long inboundMessage,
			@Nullable Long outboundFrame, @Nullable Long outboundMessage, @Nullable Long inboundFragments,
			@Nullable Long outboundFragments) {

		static LimitsDescriptor of(Limits inbound, Limits outbound) {
			return new LimitsDescriptor(bounded(inbound.frame()), bounded(inbound.message()), bounded(outbound.frame()),
					bounded(outbound.message()), bounded(inbound.fragments()), bounded(outbound.fragments()));
		}

		private static @Nullable Long bounded(long limit) {
			return (limit != Long.MAX_VALUE) ? limit : null;
		}

	}

	/**
	 * Which legs may be compressed.
	 *
	 * @param client whether the client leg may be compressed
	 * @param upstream whether the upstream leg may be compressed
	 */
	public record CompressionDescriptor(boolean client, boolean upstream) {

	}

	/**
	 * How a peer is closed when the other one is lost without a close frame.
	 *
	 * @param upstream the close code for the client when the upstream is lost, or
	 * {@code abort}
	 * @param client the close code for the upstream when the client is lost, or
	 * {@code abort}
	 */
	public record LossDescriptor(Object upstream, Object client) {

	}

}
