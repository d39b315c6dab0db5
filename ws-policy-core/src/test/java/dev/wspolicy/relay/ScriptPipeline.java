package dev.wspolicy.relay;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The policies and settings of a script.
 */
final class ScriptPipeline {

	private final Map<Direction, List<PolicyBinding>> bindings = new EnumMap<>(Direction.class);

	private final Map<Direction, Limits> limits = new EnumMap<>(Direction.class);

	private @Nullable CloseStatus lostUpstream = CloseStatus.INTERNAL_ERROR;

	private @Nullable CloseStatus lostClient = CloseStatus.GOING_AWAY;

	private Timeouts timeouts = Timeouts.DEFAULT;

	private WireOptions framing = WireOptions.DEFAULT;

	ScriptPipeline() {
		for (Direction direction : Direction.values()) {
			this.bindings.put(direction, new ArrayList<>());
			this.limits.put(direction, Limits.NONE);
		}
	}

	/** A binding with the next name. */
	PolicyBinding binding(Side from, FramePolicy policy) {
		return PolicyBinding.of("policy-" + (bindings(from).size() + 1), policy);
	}

	void bind(Side from, PolicyBinding binding) {
		bindings(from).add(binding);
	}

	void unbind(Side from, String policy) {
		assertThat(bindings(from).removeIf((binding) -> binding.name().equals(policy))).isTrue();
	}

	private List<PolicyBinding> bindings(Side from) {
		return Objects.requireNonNull(this.bindings.get(from.sends()));
	}

	void limits(Side from, Limits limits) {
		this.limits.put(from.sends(), limits);
	}

	void lostStatuses(@Nullable CloseStatus lostUpstream, @Nullable CloseStatus lostClient) {
		this.lostUpstream = lostUpstream;
		this.lostClient = lostClient;
	}

	void timeouts(Timeouts timeouts) {
		this.timeouts = timeouts;
	}

	void framing(WireOptions framing) {
		this.framing = framing;
	}

	/** The pipeline of a session that opens now, or switches. */
	SessionPipeline build() {
		SessionSettings settings = SessionSettings.builder()
			.limits(Direction.INBOUND, Objects.requireNonNull(this.limits.get(Direction.INBOUND)))
			.limits(Direction.OUTBOUND, Objects.requireNonNull(this.limits.get(Direction.OUTBOUND)))
			.timeouts(this.timeouts)
			.wireOptions(this.framing)
			.lostUpstream(this.lostUpstream)
			.lostClient(this.lostClient)
			.build();
		return SessionPipeline.of("script", settings, bindings(Side.CLIENT), bindings(Side.UPSTREAM));
	}

}
