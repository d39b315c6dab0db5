package dev.wspolicy.pipeline;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.rollout.Rollout;

/**
 * Policies in the stages of their rollout that overrides ask for. The same stage of the
 * same policy exists once, so that its callbacks are called once for each session. Safe
 * from any thread.
 */
final class RolloutStages {

	/** By the policy itself; policies that are equal are still two policies. */
	private final Map<FramePolicy, Map<Rollout, FramePolicy>> stages = new IdentityHashMap<>();

	/** Has the policies that sessions share; {@code null} if these are its stages. */
	private final @Nullable RolloutStages shared;

	/**
	 * Creates the stages of policies that sessions share.
	 * @param bindings the policies as they are configured
	 */
	RolloutStages(Stream<PolicyBinding> bindings) {
		this.shared = null;
		bindings.forEach(this::add);
	}

	/**
	 * Creates the stages of one session, which may have policies of its own.
	 * @param bindings the policies that serve it
	 * @param shared the stages of the policies that sessions share
	 */
	RolloutStages(List<PolicyBinding> bindings, RolloutStages shared) {
		this.shared = shared;
		bindings.forEach(this::add);
	}

	private void add(PolicyBinding binding) {
		stagesOf(Rollout.unwrap(binding.policy())).putIfAbsent(binding.rollout(), binding.policy());
	}

	/** Returns a policy in a stage of its rollout. */
	synchronized FramePolicy get(String name, FramePolicy policy, Rollout rollout) {
		FramePolicy itself = Rollout.unwrap(policy);
		return stagesOf(itself).computeIfAbsent(rollout, (key) -> (this.shared != null && this.shared.contains(itself))
				? this.shared.get(name, itself, rollout) : rollout.apply(name, itself));
	}

	/** Whether a policy is one of these, in any stage. */
	synchronized boolean contains(FramePolicy policy) {
		return this.stages.containsKey(Rollout.unwrap(policy));
	}

	private Map<Rollout, FramePolicy> stagesOf(FramePolicy itself) {
		return this.stages.computeIfAbsent(itself, (key) -> new HashMap<>(2));
	}

}
