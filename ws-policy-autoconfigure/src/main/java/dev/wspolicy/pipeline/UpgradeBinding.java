package dev.wspolicy.pipeline;

import dev.wspolicy.policy.UpgradePolicy;

/**
 * An upgrade policy of a pipeline.
 *
 * @param name the name it is known by: a bean's, or a factory's
 * @param policy the policy
 * @param origin where it came from
 */
public record UpgradeBinding(String name, UpgradePolicy policy, PolicyOrigin origin) {

}
