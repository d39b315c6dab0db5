package dev.wspolicy.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;

import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradePolicyFactory;

/**
 * Makes the upgrade policies that pipelines list: beans by name, or factories with
 * settings.
 */
final class UpgradePolicies {

	private final Map<String, UpgradePolicy> beans = new LinkedHashMap<>();

	private final Map<String, UpgradePolicyFactory<?>> factories = new LinkedHashMap<>();

	private final SettingsBinder settingsBinder;

	UpgradePolicies(ConfigurableListableBeanFactory beanFactory, List<UpgradePolicyFactory<?>> factories,
			SettingsBinder settingsBinder) {
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, UpgradePolicy.class)
			.forEach((name, policy) -> {
				if (!(policy instanceof FramePolicy) && PolicyBindings.annotation(beanFactory, name) != null) {
					// It would be asked on all routes, whatever the annotation says.
					throw new InvalidPipelineException(
							"The bean '" + name
									+ "' has @WsPolicy, but is an UpgradePolicy, which no annotation binds.",
							"Remove the annotation. To have the policy on some routes only, list it below 'upgrade' of"
									+ " their pipelines.");
				}
				this.beans.put(Names.kebab(name), policy);
			});
		this.settingsBinder = settingsBinder;
		for (UpgradePolicyFactory<?> factory : factories) {
			if (this.factories.putIfAbsent(Names.kebab(factory.name()), factory) != null) {
				throw new InvalidPipelineException(
						"There are two upgrade policy factories named '" + factory.name() + "'.",
						"Rename one of the UpgradePolicyFactory beans.");
			}
		}
	}

	/** Whether there is an upgrade policy of this name, or a factory that makes it. */
	boolean knows(String name) {
		String wanted = Names.kebab(name);
		return this.beans.containsKey(wanted) || this.factories.containsKey(wanted);
	}

	List<UpgradeBinding> read(String list, List<PolicyEntry> entries) {
		List<UpgradeBinding> policies = new ArrayList<>();
		for (int i = 0; i < entries.size(); i++) {
			policies.add(policy(list + "[" + i + "]", entries.get(i)));
		}
		return policies;
	}

	private UpgradeBinding policy(String property, PolicyEntry entry) {
		String name = PipelineReader.requireName(property, entry);
		UpgradePolicy bean = this.beans.get(Names.kebab(name));
		UpgradePolicyFactory<?> factory = this.factories.get(Names.kebab(name));
		if (factory != null && (bean == null || entry.hasSettings())) {
			String settings = property + "." + name;
			return bind(factory.name(), create(settings, factory), PolicyOrigin.Kind.FACTORY, settings);
		}
		if (bean == null) {
			List<String> known = new ArrayList<>(this.factories.keySet());
			known.addAll(this.beans.keySet());
			throw InvalidPipelineException.unknownName(property, "upgrade policy", name, known);
		}
		if (entry.hasSettings()) {
			throw InvalidPipelineException.settingsOfBean(property, name, "an UpgradePolicyFactory");
		}
		return bind(name, bean, PolicyOrigin.Kind.BEAN, property);
	}

	private static UpgradeBinding bind(String name, UpgradePolicy policy, PolicyOrigin.Kind kind, String property) {
		PolicyOrigin origin = PolicyOrigin.of(kind, AopProxyUtils.ultimateTargetClass(policy));
		return new UpgradeBinding(name, policy, origin.listedBy(kind, property));
	}

	private <C> UpgradePolicy create(String property, UpgradePolicyFactory<C> factory) {
		C settings = this.settingsBinder.bind(property, factory.settingsType());
		try {
			return factory.create(settings);
		}
		catch (IllegalArgumentException ex) {
			throw InvalidPipelineException.uselessSettings(property, ex);
		}
	}

}
