package dev.wspolicy.policies;

import java.util.function.Function;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradePolicyFactory;

/**
 * The factory of a shipped policy on upgrades.
 *
 * @param name the name that stands in pipelines
 * @param settingsType the type of the settings
 * @param constructor makes the policy from its settings
 * @param <C> the settings
 */
public record ShippedUpgradeFactory<C>(String name, Class<C> settingsType,
		Function<C, UpgradePolicy> constructor) implements UpgradePolicyFactory<C> {

	@Override
	public UpgradePolicy create(C settings) {
		return this.constructor.apply(settings);
	}

}
