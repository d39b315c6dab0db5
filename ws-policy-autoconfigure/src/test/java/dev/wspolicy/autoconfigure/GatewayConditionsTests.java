package dev.wspolicy.autoconfigure;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;
import dev.wspolicy.gateway.WsPolicyRoutingFilter;
import dev.wspolicy.pipeline.PipelineCatalog;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that nothing is configured without a gateway, or if it is disabled.
 */
class GatewayConditionsTests {

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class);

	@Test
	void nothingIsCheckedIfDisabled() {
		this.runner
			.withPropertyValues("ws-policy.enabled=false", "ws-policy.pipelines.chat.inbound[0]=no-such-policy",
					"spring.cloud.gateway.server.webflux.routes[0].id=r",
					"spring.cloud.gateway.server.webflux.routes[0].uri=ws://localhost",
					"spring.cloud.gateway.server.webflux.routes[0].predicates[0]=Path=/**",
					"spring.cloud.gateway.server.webflux.routes[0].filters[0]=WsPolicy=no-such-pipeline")
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(WsPolicyRoutingFilter.class);
				assertThat(context).hasSingleBean(WsPolicyGatewayFilterFactory.class);
				assertThat(context.getBean(RouteLocator.class).getRoutes().blockFirst()).isNotNull();
			});
	}

	@Test
	void gatewayDisabled() {
		this.runner.withPropertyValues("spring.cloud.gateway.server.webflux.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(WsPolicyRoutingFilter.class)
				.doesNotHaveBean(WsPolicyGatewayFilterFactory.class));
	}

	@Test
	void noGatewayOnTheClassPath() {
		new ReactiveWebApplicationContextRunner()
			.withClassLoader(new FilteredClassLoader("org.springframework.cloud.gateway"))
			.withConfiguration(AutoConfigurations.of(WsPolicyAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(PipelineCatalog.class));
	}

	@Test
	void noNettyOnTheClassPath() {
		new ReactiveWebApplicationContextRunner()
			.withClassLoader(new FilteredClassLoader("reactor.netty", "org.springframework.cloud.gateway.config"))
			.withConfiguration(AutoConfigurations.of(WsPolicyAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(PipelineCatalog.class));
	}

	@Test
	void noWebApplication() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(WsPolicyAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(PipelineCatalog.class));
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	@Import(AbstractConfigurationTests.Policies.class)
	static class Application {

	}

}
