package dev.wspolicy.pipeline;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.UpgradeRecorder;

/**
 * An upgrade policy, and the routes whose upgrades it decides on.
 *
 * @param name the name it is known by: a bean's, or a factory's
 * @param policy the policy
 * @param routes patterns of the routes it serves; empty for all
 * @param origin where it came from
 * @param recorder records what the policy would have refused
 * @param overridden how far the policy has been rolled out by the configuration, if an
 * operator has overridden that; otherwise {@code null}
 */
public record UpgradeBinding(String name, UpgradePolicy policy, List<NamePattern> routes, PolicyOrigin origin,
		UpgradeRecorder recorder, @Nullable Rollout overridden) {

	public UpgradeBinding {
		routes = List.copyOf(routes);
	}

	/**
	 * Creates a binding of a policy that is always enforced.
	 * @param name the name it is known by: a bean's, or a factory's
	 * @param policy the policy
	 * @param routes patterns of the routes it serves; empty for all
	 * @param origin where it came from
	 */
	public UpgradeBinding(String name, UpgradePolicy policy, List<NamePattern> routes, PolicyOrigin origin) {
		this(name, policy, routes, origin, (upgrade, refusing, status) -> {
		}, null);
	}

	/**
	 * Creates a binding to all upgrades of the pipeline that lists it.
	 * @param name the name it is known by: a bean's, or a factory's
	 * @param policy the policy
	 * @param origin where it came from
	 */
	public UpgradeBinding(String name, UpgradePolicy policy, PolicyOrigin origin) {
		this(name, policy, List.of(), origin);
	}

	/**
	 * Returns this binding as far as the policy has been rolled out.
	 * @param rollout how far
	 * @param recorder records what the policy would have refused
	 * @return the binding
	 */
	public UpgradeBinding rolledOut(Rollout rollout, UpgradeRecorder recorder) {
		return new UpgradeBinding(this.name, rollout.apply(this.name, Rollout.unwrap(this.policy), recorder),
				this.routes, this.origin, recorder, this.overridden);
	}

	/**
	 * Returns this binding with an override of how far the policy has been rolled out.
	 * @param override the override
	 * @return this binding if nothing changes
	 */
	UpgradeBinding overridden(RolloutOverride override) {
		if (override.rollout().equals(rollout())) {
			return this;
		}
		UpgradeBinding staged = rolledOut(override.rollout(), this.recorder);
		return new UpgradeBinding(staged.name, staged.policy, staged.routes, staged.origin, staged.recorder,
				configured());
	}

	/**
	 * Returns how far the configuration has rolled the policy out.
	 * @return the rollout that is in effect unless an operator has overridden it
	 */
	public Rollout configured() {
		return (this.overridden != null) ? this.overridden : rollout();
	}

	/**
	 * Returns how far the policy has been rolled out.
	 * @return the rollout
	 */
	public Rollout rollout() {
		return Rollout.of(this.policy);
	}

	/**
	 * Whether another binding is of the same policy, however far either has been rolled
	 * out.
	 * @param other the other binding
	 * @return {@code true} if both have the same policy
	 */
	boolean isOfPolicyOf(UpgradeBinding other) {
		return Rollout.unwrap(this.policy) == Rollout.unwrap(other.policy);
	}

}
