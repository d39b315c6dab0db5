package dev.wspolicy.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FramePolicy;

/**
 * The policies and settings of a session, complete once its route and subprotocol are
 * known.
 *
 * @param name the name of the pipeline
 * @param inbound the policies on what the client sends
 * @param outbound the policies on what the upstream sends
 * @param policies each policy of either direction once, by identity, for its callbacks
 * @param settings all settings other than the policies
 */
public record SessionPipeline(String name, DirectionPipeline inbound, DirectionPipeline outbound,
		List<FramePolicy> policies, SessionSettings settings) {

	/**
	 * Creates a pipeline from its policies.
	 * @param name the name of the pipeline
	 * @param settings the settings of the session
	 * @param inbound the inbound policies, in order
	 * @param outbound the outbound policies, in order
	 * @return the pipeline
	 */
	public static SessionPipeline of(String name, SessionSettings settings, List<PolicyBinding> inbound,
			List<PolicyBinding> outbound) {
		List<FramePolicy> policies = new ArrayList<>();
		Stream.concat(inbound.stream(), outbound.stream()).map(PolicyBinding::policy).forEach((policy) -> {
			// Policies that are equal, records for example, are still two policies.
			if (policies.stream().noneMatch((other) -> other == policy)) {
				policies.add(policy);
			}
		});
		return new SessionPipeline(name, DirectionPipeline.of(inbound), DirectionPipeline.of(outbound),
				List.copyOf(policies), settings);
	}

	/**
	 * Returns the policies of a direction.
	 * @param direction the direction
	 * @return its policies
	 */
	public DirectionPipeline policies(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inbound : this.outbound;
	}

	/**
	 * Whether there is a policy of this name, in either direction.
	 * @param name the name
	 * @return {@code true} if there is one
	 */
	public boolean hasPolicy(String name) {
		// The control stage lists every policy of its direction.
		return Stream.of(this.inbound, this.outbound)
			.flatMap((direction) -> direction.control().bindings().stream())
			.anyMatch((binding) -> binding.name().equals(name));
	}

}
