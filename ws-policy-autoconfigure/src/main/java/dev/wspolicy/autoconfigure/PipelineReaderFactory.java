package dev.wspolicy.autoconfigure;

import java.util.List;

import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Makes readers of pipelines: one at start-up, and one each time the properties have
 * changed.
 */
final class PipelineReaderFactory {

	private final PolicyBindings policies;

	private final List<FramePolicyFactory<?>> factories;

	private final UpgradePolicies upgradePolicies;

	private final SettingsBinder settingsBinder;

	PipelineReaderFactory(PolicyBindings policies, List<FramePolicyFactory<?>> factories,
			UpgradePolicies upgradePolicies, SettingsBinder settingsBinder) {
		this.policies = policies;
		this.factories = List.copyOf(factories);
		this.upgradePolicies = upgradePolicies;
		this.settingsBinder = settingsBinder;
	}

	/** The policies that bind themselves, in order. */
	List<PolicyBinding> annotated() {
		return this.policies.annotated();
	}

	/**
	 * The properties as the environment has them now. Those of the bean keep entries of
	 * maps that have gone from it.
	 */
	WsPolicyProperties properties() {
		return this.settingsBinder.bind(WsPolicyProperties.PREFIX, WsPolicyProperties.class);
	}

	PipelineReader reader(WsPolicyProperties properties) {
		return new PipelineReader(properties, this.policies, this.factories, this.upgradePolicies, this.settingsBinder);
	}

}
