package dev.wspolicy.autoconfigure;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.core.annotation.AnnotatedElementUtils;

import dev.wspolicy.pipeline.NamePattern;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.WsPolicy;

/**
 * The policy beans of an application and what their annotations say.
 */
final class PolicyBindings {

	private final Map<String, PolicyBinding> byName = new LinkedHashMap<>();

	private final List<PolicyBinding> annotated = new ArrayList<>();

	private final BlockingPolicies blocking;

	private final boolean mdc;

	/**
	 * Find the policies.
	 * @param beanFactory where they are
	 * @param ordered the same policies, in Spring's order
	 * @param blocking takes policies that block off the event loop
	 * @param mdc whether their log lines carry the session's id
	 */
	PolicyBindings(ConfigurableListableBeanFactory beanFactory, Stream<FramePolicy> ordered, BlockingPolicies blocking,
			boolean mdc) {
		this.mdc = mdc;
		this.blocking = blocking;
		Map<FramePolicy, PolicyBinding> bindings = new IdentityHashMap<>();
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, FramePolicy.class)
			.forEach((name, policy) -> {
				WsPolicy annotation = annotation(beanFactory, name);
				PolicyBinding binding = bind(name, policy, annotation);
				this.byName.put(name, binding);
				if (annotation != null) {
					bindings.put(policy, binding);
				}
			});
		ordered.forEach((policy) -> {
			PolicyBinding binding = bindings.remove(policy);
			if (binding != null) {
				this.annotated.add(binding);
			}
		});
		if (!bindings.isEmpty()) {
			throw new InvalidPipelineException(
					"The policy '" + bindings.values().iterator().next().name()
							+ "' has a @WsPolicy and is another object each time it is asked for.",
					"Make it a singleton, or have a FramePolicyFactory make a policy for each session.");
		}
	}

	/** Where the bean is defined, and not on the proxy that stands for it. */
	static @Nullable WsPolicy annotation(ConfigurableListableBeanFactory beanFactory, String name) {
		if (!beanFactory.containsLocalBean(name)
				&& beanFactory.getParentBeanFactory() instanceof ConfigurableListableBeanFactory parent) {
			return annotation(parent, name);
		}
		String target = ScopedProxyUtils.getTargetBeanName(name);
		return beanFactory.findAnnotationOnBean(beanFactory.containsLocalBean(target) ? target : name, WsPolicy.class);
	}

	/** The policies that bind themselves, in Spring's order. */
	List<PolicyBinding> annotated() {
		return this.annotated;
	}

	/** The names of all policy beans, in kebab case. */
	Set<String> names() {
		return Set.copyOf(this.byName.keySet().stream().map(Names::kebab).toList());
	}

	@Nullable PolicyBinding find(String name) {
		String wanted = Names.kebab(name);
		for (Map.Entry<String, PolicyBinding> bean : this.byName.entrySet()) {
			if (Names.kebab(bean.getKey()).equals(wanted)) {
				return bean.getValue();
			}
		}
		return null;
	}

	/** Bind a policy that a factory has made. */
	PolicyBinding bind(String name, FramePolicy policy) {
		return bind(name, policy, AnnotatedElementUtils.findMergedAnnotation(policy.getClass(), WsPolicy.class));
	}

	private PolicyBinding bind(String name, FramePolicy policy, @Nullable WsPolicy annotation) {
		PolicyOrigin origin = PolicyOrigin.of(
				(annotation != null) ? PolicyOrigin.Kind.ANNOTATION : PolicyOrigin.Kind.BEAN,
				AopProxyUtils.ultimateTargetClass(policy));
		if (annotation == null) {
			return PolicyBinding.of(name, logging(policy)).from(origin);
		}
		FramePolicy shown = annotation.blocking() ? this.blocking.offLoad(logging(policy)) : logging(policy);
		return new PolicyBinding(name, shown, Set.of(annotation.direction()), Set.of(annotation.types()),
				annotation.granularity(), annotation.onError(), patterns(annotation.routes()),
				patterns(annotation.subprotocols()), origin);
	}

	private FramePolicy logging(FramePolicy policy) {
		return this.mdc ? new MdcPolicy(policy) : policy;
	}

	private static List<NamePattern> patterns(String[] texts) {
		return Stream.of(texts).map(NamePattern::of).toList();
	}

}
