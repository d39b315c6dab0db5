package dev.wspolicy.autoconfigure;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.core.annotation.AnnotatedElementUtils;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.rollout.Rollout;

/**
 * The frame policy beans of the application, with the attributes of their annotations.
 */
final class PolicyBindings {

	private final Map<String, PolicyBinding> byName = new LinkedHashMap<>();

	private final List<PolicyBinding> annotated = new ArrayList<>();

	/** By the name of the bean, for those with an annotation. */
	private final Map<String, Rollout> rollouts = new HashMap<>();

	private final Map<Stage, FramePolicy> staged = new ConcurrentHashMap<>();

	private final BlockingPolicyOffloader offloader;

	private final boolean mdc;

	/**
	 * Finds the policy beans.
	 * @param beanFactory the bean factory that contains the policies
	 * @param ordered the same policies, in the order of Spring
	 * @param offloader calls blocking policies on other threads
	 * @param mdc whether to add the session id to the MDC
	 */
	PolicyBindings(ConfigurableListableBeanFactory beanFactory, Stream<FramePolicy> ordered,
			BlockingPolicyOffloader offloader, boolean mdc) {
		this.mdc = mdc;
		this.offloader = offloader;
		Map<FramePolicy, PolicyBinding> bindings = new IdentityHashMap<>();
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, FramePolicy.class)
			.forEach((name, policy) -> {
				WsPolicy annotation = annotation(beanFactory, name);
				PolicyBinding binding = bind(name, policy, annotation);
				this.byName.put(name, binding);
				if (annotation != null) {
					this.rollouts.put(name, rollout(name, policy, annotation));
					bindings.put(policy, binding);
				}
			});
		ordered.forEach((policy) -> {
			PolicyBinding binding = bindings.remove(policy);
			if (binding != null) {
				this.annotated.add(rolledOut(binding, annotatedRollout(binding)));
			}
		});
		if (!bindings.isEmpty()) {
			throw new InvalidPipelineException(
					"The policy '" + bindings.values().iterator().next().name()
							+ "' has a @WsPolicy annotation, but each lookup returns another object.",
					"Make it a singleton, or use a FramePolicyFactory that creates a policy for each session.");
		}
	}

	/** Looks at the definition of the target bean rather than its scoped proxy. */
	static @Nullable WsPolicy annotation(ConfigurableListableBeanFactory beanFactory, String name) {
		if (!beanFactory.containsLocalBean(name)
				&& beanFactory.getParentBeanFactory() instanceof ConfigurableListableBeanFactory parent) {
			return annotation(parent, name);
		}
		String target = ScopedProxyUtils.getTargetBeanName(name);
		return beanFactory.findAnnotationOnBean(beanFactory.containsLocalBean(target) ? target : name, WsPolicy.class);
	}

	/**
	 * Return the policies with a {@code @WsPolicy} annotation, in the order of Spring.
	 */
	List<PolicyBinding> annotated() {
		return this.annotated;
	}

	/** Return the names of all policy beans, in kebab case. */
	Set<String> names() {
		return Set.copyOf(this.byName.keySet().stream().map(RelaxedNames::kebab).toList());
	}

	/** Return the policy bean with the given name in kebab case, or {@code null}. */
	@Nullable PolicyBinding find(String wanted) {
		for (Map.Entry<String, PolicyBinding> bean : this.byName.entrySet()) {
			if (RelaxedNames.kebab(bean.getKey()).equals(wanted)) {
				return bean.getValue();
			}
		}
		return null;
	}

	/** Return how far a policy bean is rolled out where no pipeline says so. */
	Rollout annotatedRollout(PolicyBinding binding) {
		return this.rollouts.getOrDefault(binding.name(), Rollout.COMPLETE);
	}

	/**
	 * Return the binding of a policy bean as far as it has been rolled out. Bindings of
	 * the same bean with the same rollout share one policy, so that {@code onOpen} of the
	 * bean is called once for each session.
	 */
	PolicyBinding rolledOut(PolicyBinding binding, Rollout rollout) {
		PolicyBinding staged = binding.rolledOut(rollout);
		FramePolicy shared = this.staged.computeIfAbsent(new Stage(binding.name(), rollout), (key) -> staged.policy());
		return staged.policy(shared);
	}

	/** Create the binding of a policy that a factory has created. */
	PolicyBinding bind(String name, FramePolicy policy) {
		return bind(name, policy, AnnotatedElementUtils.findMergedAnnotation(policy.getClass(), WsPolicy.class));
	}

	private PolicyBinding bind(String name, FramePolicy policy, @Nullable WsPolicy annotation) {
		PolicyOrigin origin = PolicyOrigin.of(
				(annotation != null) ? PolicyOrigin.Kind.ANNOTATION : PolicyOrigin.Kind.BEAN,
				AopProxyUtils.ultimateTargetClass(policy));
		if (annotation != null && policy instanceof TextPolicy) {
			checkTextPolicy(name, annotation);
		}
		boolean blocking = annotation != null && annotation.blocking();
		return PolicyBinding.of(name, policy, annotation)
			.from(origin)
			.policy(blocking ? this.offloader.offload(logging(policy)) : logging(policy));
	}

	private static Rollout rollout(String name, FramePolicy policy, WsPolicy annotation) {
		Rollout rollout = Rollout.of(annotation.mode(), null, null);
		if (rollout.observes() && !policy.isObservable()) {
			throw InvalidPipelineException.notObservable("The @WsPolicy of '" + name + "'", name);
		}
		return rollout;
	}

	/** The annotation includes binary messages unless it says otherwise. */
	private static void checkTextPolicy(String name, WsPolicy annotation) {
		if (!Set.of(annotation.types()).contains(FrameType.TEXT)) {
			throw new InvalidPipelineException(
					"The policy '" + name + "' is a TextPolicy, and its @WsPolicy excludes TEXT.",
					"Remove 'types' from its annotation, or make it a FramePolicy.");
		}
		if (annotation.granularity() != Granularity.MESSAGE) {
			throw new InvalidPipelineException(
					"The policy '" + name + "' is a TextPolicy, and its @WsPolicy has the granularity "
							+ annotation.granularity() + ".",
					"Remove 'granularity' from its annotation, or make it a FramePolicy. The text of a fragment may end"
							+ " within a character.");
		}
	}

	private FramePolicy logging(FramePolicy policy) {
		return this.mdc ? new MdcPolicy(policy) : policy;
	}

	private record Stage(String bean, Rollout rollout) {

	}

}
