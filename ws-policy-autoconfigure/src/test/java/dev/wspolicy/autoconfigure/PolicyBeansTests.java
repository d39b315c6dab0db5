package dev.wspolicy.autoconfigure;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.test.context.assertj.AssertableReactiveWebApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.annotation.Order;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that annotated policies are found regardless of how their bean is defined.
 */
class PolicyBeansTests {

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class);

	@Test
	void findsPoliciesInRefreshScope() {
		this.runner.withUserConfiguration(Refreshed.class)
			.run((context) -> assertThat(bound(context)).containsExactlyInAnyOrder("onTheMethod", "onTheClass"));
	}

	@Test
	void targetOfAScopedProxyIsNotASeparatePolicy() {
		this.runner.withUserConfiguration(Refreshed.class)
			.withPropertyValues("ws-policy.pipelines.default.inbound[0]=nobody")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.extracting((failure) -> ((InvalidPipelineException) failure).remedy())
				.asString()
				.contains("on-the-class, on-the-method")
				.doesNotContain("target"));
	}

	@Test
	void findsPoliciesInAParentContext() {
		new ApplicationContextRunner().withUserConfiguration(Policies.class)
			.run((parent) -> this.runner.withParent(parent)
				.run((context) -> assertThat(bound(context)).containsExactly("onTheClass", "onTheMethod")));
	}

	@Test
	void annotatedPolicyMustBeASingleton() {
		this.runner.withUserConfiguration(Prototype.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidPipelineException.class)
				.hasMessageContaining("'prototype'"));
	}

	@Test
	void policiesOnTextSeeTextOnly() {
		this.runner.withUserConfiguration(OnText.class)
			.withPropertyValues("ws-policy.pipelines.default.inbound[0]=listed")
			.run((context) -> assertThat(
					context.getBean(PipelineCatalog.class).policies("default", Direction.INBOUND, "route"))
				.hasSize(2)
				.allSatisfy((binding) -> assertThat(binding.types()).containsExactly(FrameType.TEXT)));
	}

	@ParameterizedTest
	@ValueSource(classes = { BinaryOnly.class, Fragments.class })
	void policiesOnTextNeedWholeTextMessages(Class<?> policy) {
		this.runner.withBean("policy", policy)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidPipelineException.class)
				.hasMessageContaining("'policy' is a TextPolicy"));
	}

	private static List<String> bound(AssertableReactiveWebApplicationContext context) {
		return context.getBean(PipelineCatalog.class)
			.policies("default", Direction.INBOUND, "route")
			.stream()
			.map(PolicyBinding::name)
			.toList();
	}

	@EnableLeanGateway
	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		@Order(2)
		@WsPolicy
		FramePolicy onTheMethod() {
			return (frame, context) -> Verdict.forward();
		}

		@Bean
		@Order(1)
		Annotated onTheClass() {
			return new Annotated();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Refreshed {

		@Bean
		@RefreshScope
		@WsPolicy
		FramePolicy onTheMethod() {
			return (frame, context) -> Verdict.forward();
		}

		@Bean
		@RefreshScope
		Annotated onTheClass() {
			return new Annotated();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototype {

		@Bean
		@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
		Annotated prototype() {
			return new Annotated();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnText {

		@Bean
		@WsPolicy(direction = Direction.INBOUND)
		TextPolicy annotated() {
			return (text, context) -> Verdict.forward();
		}

		@Bean
		TextPolicy listed() {
			return (text, context) -> Verdict.forward();
		}

	}

	@WsPolicy(types = FrameType.BINARY)
	static class BinaryOnly implements TextPolicy {

		@Override
		public Verdict apply(String text, FrameContext context) {
			return Verdict.forward();
		}

	}

	@WsPolicy(granularity = Granularity.FRAME)
	static class Fragments implements TextPolicy {

		@Override
		public Verdict apply(String text, FrameContext context) {
			return Verdict.forward();
		}

	}

	@WsPolicy
	static class Annotated implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.forward();
		}

	}

}
