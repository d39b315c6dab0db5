package dev.wspolicy.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.gateway.IncomingUpgradeFilter;
import dev.wspolicy.gateway.UpgradeObservationFilter;
import dev.wspolicy.gateway.WebSocketUpgradeFilter;
import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;
import dev.wspolicy.gateway.WsPolicyRoutingFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the filters can be disabled in the same way as those of Gateway.
 */
class FilterConditionsTests {

	private static final String GATEWAY = "spring.cloud.gateway.server.webflux.";

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class);

	@Test
	void allArePresentByDefault() {
		this.runner.run((context) -> assertThat(context).hasSingleBean(WsPolicyGatewayFilterFactory.class)
			.hasSingleBean(WsPolicyRoutingFilter.class)
			.hasSingleBean(WebSocketUpgradeFilter.class)
			.hasSingleBean(IncomingUpgradeFilter.class)
			.hasSingleBean(UpgradeObservationFilter.class));
	}

	@ParameterizedTest
	@CsvSource({ "filter.ws-policy, dev.wspolicy.gateway.WsPolicyGatewayFilterFactory",
			"global-filter.upgrade-observation, dev.wspolicy.gateway.UpgradeObservationFilter",
			"global-filter.incoming-upgrade, dev.wspolicy.gateway.IncomingUpgradeFilter",
			"global-filter.ws-policy-routing, dev.wspolicy.gateway.IncomingUpgradeFilter",
			"global-filter.ws-policy-routing, dev.wspolicy.gateway.UpgradeObservationFilter",
			"global-filter.ws-policy-routing, dev.wspolicy.gateway.WsPolicyRoutingFilter" })
	void eachCanBeDisabled(String name, Class<?> filter) {
		this.runner.withPropertyValues(GATEWAY + name + ".enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(filter));
	}

	@Test
	void routingFilterRequiresTheUpgradeFilter() {
		this.runner.withPropertyValues(GATEWAY + "global-filter.web-socket-upgrade.enabled=false")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidPipelineException.class)
				.hasMessageContaining("'" + GATEWAY + "global-filter.web-socket-upgrade.enabled' is false"));
		this.runner
			.withPropertyValues(GATEWAY + "global-filter.web-socket-upgrade.enabled=false",
					GATEWAY + "global-filter.ws-policy-routing.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(WebSocketUpgradeFilter.class)
				.doesNotHaveBean(WsPolicyRoutingFilter.class));
	}

	@Test
	void routeWithADisabledFilterFailsStartUp() {
		String route = GATEWAY + "routes[0].";
		ReactiveWebApplicationContextRunner routed = this.runner.withPropertyValues(route + "id=r",
				route + "uri=ws://localhost", route + "predicates[0]=Path=/**", route + "filters[0]=WsPolicy=default");
		routed.run((context) -> assertThat(context.getBean(RouteLocator.class).getRoutes().blockFirst().getId())
			.isEqualTo("r"));
		routed.withPropertyValues(GATEWAY + "filter.ws-policy.enabled=false")
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidPipelineException.class)
				.hasMessageContaining("'" + GATEWAY + "filter.ws-policy.enabled' is false"));
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
