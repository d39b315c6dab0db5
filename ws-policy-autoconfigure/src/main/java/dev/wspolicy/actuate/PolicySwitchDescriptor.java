package dev.wspolicy.actuate;

import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.rollout.PolicyTarget;

/**
 * What has been done to the rollout of a policy.
 *
 * @param pipeline the name of the pipeline
 * @param policy the name of the policy
 * @param rollout how far it is rolled out now, or {@code null} for what is configured
 * @param until when that ends by itself, or {@code null} for never
 * @param sessions the number of live sessions that have the policy
 * @param fleet the gateways that answered, or {@code null} if only this one was meant
 */
public record PolicySwitchDescriptor(String pipeline, String policy,
		RoutePipelineDescriptor.@Nullable RolloutDescriptor rollout, @Nullable Instant until, long sessions,
		@Nullable FleetReach fleet) implements OperationResponseBody {

	static PolicySwitchDescriptor undone(PolicyTarget target, long sessions, @Nullable FleetReach fleet) {
		return new PolicySwitchDescriptor(target.pipeline(), target.policy(), null, null, sessions, fleet);
	}

}
