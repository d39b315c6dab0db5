package dev.wspolicy.policy;

import java.util.function.Function;

/**
 * Creates upgrade policies with settings from {@code application.yml}. A pipeline lists a
 * bean of this type by its name, with the settings below:
 *
 * <pre class="code">
 * ws-policy.pipelines.chat.upgrade:
 *   - allowed-origins: { origins: "https://app.example.com" }
 * </pre>
 *
 * @param <C> the settings: a record or class bound as {@code @ConfigurationProperties}
 * are, and checked by Bean Validation where that is on the class path
 */
public interface UpgradePolicyFactory<C> {

	/**
	 * Returns the name that pipelines use.
	 * @return the name, in kebab case
	 */
	String name();

	/**
	 * Returns the type of the settings.
	 * @return the class to bind
	 */
	Class<C> settingsType();

	/**
	 * Creates a policy. Called once at start-up for each entry of a pipeline that names
	 * this factory, and again when a refresh has changed that pipeline. The policy serves
	 * all sessions of the pipeline.
	 * @param settings the settings, bound and valid
	 * @return the policy
	 * @throws IllegalArgumentException if the settings are invalid; start-up fails with
	 * the message
	 */
	UpgradePolicy create(C settings);

	/**
	 * Returns a factory that creates policies with the given constructor.
	 * @param name the name that pipelines use, in kebab case
	 * @param settingsType the type of the settings
	 * @param constructor creates a policy from its settings
	 * @param <C> the settings
	 * @return the factory
	 */
	static <C> UpgradePolicyFactory<C> of(String name, Class<C> settingsType, Function<C, UpgradePolicy> constructor) {
		return new ConstructorUpgradePolicyFactory<>(name, settingsType, constructor);
	}

}
