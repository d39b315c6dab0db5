package dev.wspolicy.policy;

import java.util.function.Function;

/**
 * An {@link UpgradePolicyFactory} that calls a constructor.
 *
 * @param name the name that pipelines use
 * @param settingsType the type of the settings
 * @param constructor creates a policy from its settings
 * @param <C> the settings
 */
record ConstructorUpgradePolicyFactory<C>(String name, Class<C> settingsType,
		Function<C, UpgradePolicy> constructor) implements UpgradePolicyFactory<C> {

	@Override
	public UpgradePolicy create(C settings) {
		return this.constructor.apply(settings);
	}

}
