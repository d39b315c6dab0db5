package dev.wspolicy.autoconfigure;

import java.util.List;

import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Creates readers of pipelines, one at start-up and one for each change of the
 * properties.
 */
final class PipelineReaderFactory {

	private final PolicyBindings policies;

	private final List<FramePolicyFactory<?>> factories;

	private final UpgradePolicies upgradePolicies;

	private final SettingsBinder settingsBinder;

	private final RequiredLibraries libraries;

	PipelineReaderFactory(PolicyBindings policies, List<FramePolicyFactory<?>> factories,
			UpgradePolicies upgradePolicies, SettingsBinder settingsBinder, RequiredLibraries libraries) {
		this.policies = policies;
		this.factories = List.copyOf(factories);
		this.upgradePolicies = upgradePolicies;
		this.settingsBinder = settingsBinder;
		this.libraries = libraries;
	}

	/** Return the policies with a {@code @WsPolicy} annotation, in order. */
	List<PolicyBinding> annotated() {
		return this.policies.annotated();
	}

	/** Return the upgrade policies. */
	UpgradePolicies upgradePolicies() {
		return this.upgradePolicies;
	}

	/**
	 * Bind the properties to the current environment. The {@link WsPolicyProperties} bean
	 * would keep map entries that have been removed from the environment.
	 */
	WsPolicyProperties properties() {
		return this.settingsBinder.bind(WsPolicyProperties.PREFIX, WsPolicyProperties.class);
	}

	PipelineReader reader(WsPolicyProperties properties) {
		return new PipelineReader(properties, this.policies, this.factories, this.upgradePolicies, this.settingsBinder,
				this.libraries);
	}

}
