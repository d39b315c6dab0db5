package dev.wspolicy.autoconfigure;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.core.annotation.AnnotationUtils;

import dev.wspolicy.pipeline.NamePattern;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradePolicyFactory;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.UpgradeRecorder;

/**
 * The upgrade policy beans of the application, with the attributes of their annotations.
 * Also creates the upgrade policies that pipelines list.
 */
final class UpgradePolicies {

	private final Map<String, UpgradePolicy> beans = new LinkedHashMap<>();

	private final List<UpgradeBinding> annotated = new ArrayList<>();

	/**
	 * Policies without a {@code @WsPolicy} annotation, by bean name. They only run where
	 * a pipeline lists them.
	 */
	private final Map<String, UpgradePolicy> unbound = new LinkedHashMap<>();

	private final Map<String, UpgradePolicyFactory<?>> factories = new LinkedHashMap<>();

	/** By bean name in kebab case, for those with an annotation. */
	private final Map<String, Rollout> rollouts = new HashMap<>();

	private final SettingsBinder settingsBinder;

	private final UpgradeRecorder recorder;

	/**
	 * Finds the policy beans.
	 * @param beanFactory the bean factory that contains the policies
	 * @param ordered the same policies, in the order of Spring
	 * @param factories the factories of policies with settings
	 * @param settingsBinder binds the settings
	 * @param recorder records what observed policies would have refused
	 */
	UpgradePolicies(ConfigurableListableBeanFactory beanFactory, Stream<UpgradePolicy> ordered,
			List<UpgradePolicyFactory<?>> factories, SettingsBinder settingsBinder, UpgradeRecorder recorder) {
		this.recorder = recorder;
		Map<UpgradePolicy, UpgradeBinding> bindings = new IdentityHashMap<>();
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, UpgradePolicy.class)
			.forEach((name, policy) -> {
				this.beans.put(RelaxedNames.kebab(name), policy);
				WsPolicy annotation = PolicyBindings.annotation(beanFactory, name);
				if (annotation != null) {
					this.rollouts.put(RelaxedNames.kebab(name), rollout(name, policy, annotation));
					bindings.put(policy, bind(name, policy, annotation));
				}
				else {
					this.unbound.put(name, policy);
				}
			});
		ordered.forEach((policy) -> {
			UpgradeBinding binding = bindings.remove(policy);
			if (binding != null) {
				this.annotated.add(binding);
			}
		});
		if (!bindings.isEmpty()) {
			throw new InvalidPipelineException(
					"The upgrade policy '" + bindings.values().iterator().next().name()
							+ "' has a @WsPolicy annotation, but each lookup returns another object.",
					"Make it a singleton.");
		}
		this.settingsBinder = settingsBinder;
		for (UpgradePolicyFactory<?> factory : factories) {
			if (this.factories.putIfAbsent(RelaxedNames.kebab(factory.name()), factory) != null) {
				throw new InvalidPipelineException(
						"There are two upgrade policy factories named '" + factory.name() + "'.",
						"Rename one of the UpgradePolicyFactory beans.");
			}
		}
	}

	private UpgradeBinding bind(String name, UpgradePolicy policy, WsPolicy annotation) {
		WsPolicy ofUpgrades = AnnotationUtils.synthesizeAnnotation(
				Map.of("routes", annotation.routes(), "mode", annotation.mode()), WsPolicy.class, null);
		if (!(policy instanceof FramePolicy) && !ofUpgrades.equals(annotation)) {
			throw new InvalidPipelineException("The bean '" + name
					+ "' is an UpgradePolicy, but its @WsPolicy sets attributes other than 'routes' and 'mode'.",
					"Remove the other attributes, which apply to frame policies only.");
		}
		return new UpgradeBinding(name, policy, Stream.of(annotation.routes()).map(NamePattern::of).toList(),
				PolicyOrigin.of(PolicyOrigin.Kind.ANNOTATION, AopProxyUtils.ultimateTargetClass(policy)))
			.rolledOut(rollout(name, policy, annotation), this.recorder);
	}

	private static Rollout rollout(String name, UpgradePolicy policy, WsPolicy annotation) {
		Rollout rollout = Rollout.of(annotation.mode(), null, null);
		if (rollout.observes() && !policy.isObservable()) {
			throw InvalidPipelineException.notObservable("The @WsPolicy of '" + name + "'", name);
		}
		return rollout;
	}

	/**
	 * Return the policies with a {@code @WsPolicy} annotation, in the order of Spring.
	 */
	List<UpgradeBinding> annotated() {
		return this.annotated;
	}

	/**
	 * Check that each policy bean is annotated or listed. Otherwise requests that it is
	 * meant to refuse would be accepted.
	 * @param definitions all pipelines
	 */
	void checkBound(List<PipelineDefinition> definitions) {
		this.unbound.forEach((name, policy) -> {
			boolean listed = definitions.stream()
				.flatMap((definition) -> definition.upgrade().stream())
				.anyMatch((binding) -> Rollout.unwrap(binding.policy()) == policy);
			if (!listed) {
				throw new InvalidPipelineException(
						"The upgrade policy '" + name
								+ "' applies to no upgrade: it has no @WsPolicy annotation, and no pipeline lists it.",
						"Annotate it with @WsPolicy, for all routes or for some of them, or list '"
								+ RelaxedNames.kebab(name) + "' below 'upgrade' in the pipelines that need it.");
			}
		});
	}

	/** Return whether there is an upgrade policy bean or factory with this name. */
	boolean contains(String name) {
		return names().contains(RelaxedNames.resolve(name, names()));
	}

	/** Return the names of all upgrade policy beans and factories. */
	Set<String> names() {
		Set<String> names = new LinkedHashSet<>(this.factories.keySet());
		names.addAll(this.beans.keySet());
		return names;
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
		String resolved = RelaxedNames.resolve(name, names());
		UpgradePolicy bean = this.beans.get(resolved);
		UpgradePolicyFactory<?> factory = this.factories.get(resolved);
		if (factory != null && (bean == null || entry.hasSettings())) {
			String settings = property + "." + name;
			return rolledOut(bind(factory.name(), create(settings, factory), PolicyOrigin.Kind.FACTORY, settings),
					settings, Rollout.COMPLETE);
		}
		if (bean == null) {
			throw InvalidPipelineException.unknownName(property, "upgrade policy", name, List.copyOf(names()));
		}
		if (entry.hasSettings()) {
			throw InvalidPipelineException.settingsOfBean(property, name, "an UpgradePolicyFactory");
		}
		String shown = RelaxedNames.kebab(name).equals(resolved) ? name : resolved;
		return rolledOut(bind(shown, bean, PolicyOrigin.Kind.BEAN, property), property + "." + name,
				this.rollouts.getOrDefault(resolved, Rollout.COMPLETE));
	}

	private UpgradeBinding rolledOut(UpgradeBinding binding, String property, Rollout defaults) {
		Rollout rollout = this.settingsBinder.rollout(property, defaults);
		if (rollout.observes() && !binding.policy().isObservable()) {
			throw InvalidPipelineException.notObservable("The property '" + property + "'", binding.name());
		}
		return binding.rolledOut(rollout, this.recorder);
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
			throw InvalidPipelineException.invalidSettings(property, ex);
		}
	}

}
