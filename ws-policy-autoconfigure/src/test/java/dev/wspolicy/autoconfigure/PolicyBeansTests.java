package dev.wspolicy.autoconfigure;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
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
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * No annotated policy is overlooked, however its bean is defined.
 */
class PolicyBeansTests {

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class);

	@Test
	void policiesOfARefreshScope() {
		this.runner.withUserConfiguration(Refreshed.class)
			.run((context) -> assertThat(bound(context)).containsExactlyInAnyOrder("onTheMethod", "onTheClass"));
	}

	@Test
	void whatARefreshScopeKeepsBehindItsProxyIsNoPolicyOfItsOwn() {
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
	void policiesOfAParentContext() {
		new ApplicationContextRunner().withUserConfiguration(Policies.class)
			.run((parent) -> this.runner.withParent(parent)
				.run((context) -> assertThat(bound(context)).containsExactly("onTheClass", "onTheMethod")));
	}

	@Test
	void policiesThatAreNoSingletonsCannotBindThemselves() {
		this.runner.withUserConfiguration(Prototype.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidPipelineException.class)
				.hasMessageContaining("'prototype'"));
	}

	private static List<String> bound(AssertableReactiveWebApplicationContext context) {
		return context.getBean(PipelineCatalog.class)
			.policies("default", Direction.INBOUND, "route")
			.stream()
			.map(PolicyBinding::name)
			.toList();
	}

	@EnableAutoConfiguration
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

	@WsPolicy
	static class Annotated implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.forward();
		}

	}

}
