package dev.wspolicy.policy;

/**
 * Makes upgrade policies that take settings from {@code application.yml}. A bean of this
 * type is listed in a pipeline by its name, with its settings below:
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
	 * The name that stands in pipelines, in kebab case.
	 * @return the name
	 */
	String name();

	/**
	 * The type of the settings.
	 * @return the class to bind
	 */
	Class<C> settingsType();

	/**
	 * Make a policy. Called once at start-up for each place in a pipeline that names this
	 * factory, and again when a refresh has changed that pipeline. The policy serves all
	 * sessions of the pipeline.
	 * @param settings the settings, bound and valid
	 * @return the policy
	 * @throws IllegalArgumentException if the settings are of no use; stops start-up with
	 * the message
	 */
	UpgradePolicy create(C settings);

}
