package dev.wspolicy.autoconfigure;

import java.net.URI;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionLocator;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import reactor.core.publisher.Flux;

import dev.wspolicy.gateway.UnknownPipelineException;
import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that a route which names an unknown pipeline, or several, makes start-up fail
 * with a helpful report.
 */
class RoutePipelineErrorTests extends AbstractConfigurationTests {

	@ParameterizedTest
	@ValueSource(strings = { "routes[0].filters[0]=WsPolicy=chatt", "default-filters[0]=WsPolicy=chatt" })
	void unknownPipelineInARoute(String filter) {
		String gateway = "spring.cloud.gateway.server.webflux.";
		fails(gateway + "routes[0].id=r", gateway + "routes[0].uri=ws://localhost",
				gateway + "routes[0].predicates[0]=Path=/**", gateway + filter, "ws-policy.pipelines.chat.enabled=true")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription()).contains("WsPolicy=chatt", "[chat, default]");
				assertThat(analysis.getAction()).contains("Did you mean 'chat'?");
			});
	}

	@Test
	void unknownPipelineInTheLongFormOfARoute() {
		String route = "spring.cloud.gateway.server.webflux.routes[0].";
		fails(route + "id=r", route + "uri=ws://localhost", route + "predicates[0]=Path=/**",
				route + "filters[0].name=WsPolicy", route + "filters[0].args.pipeline=chatt")
			.satisfies((analysis) -> assertThat(analysis.getDescription()).contains("WsPolicy=chatt"));
	}

	@Test
	void severalPipelinesInARoute() {
		String route = "spring.cloud.gateway.server.webflux.routes[0].";
		fails(route + "id=r", route + "uri=ws://localhost", route + "predicates[0]=Path=/**",
				route + "filters[0]=WsPolicy=chat,other", "ws-policy.pipelines.chat.enabled=true",
				"ws-policy.pipelines.other.enabled=true")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription()).isEqualTo("The filter 'WsPolicy=chat,other' names 2 pipelines"
						+ ", but a route can have only one (configured: [chat, default, other])");
				assertThat(analysis.getAction()).startsWith("Name one of them.");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "WsPolicy=chat,other", "WsPolicy=chat,", "WsPolicy=chat,chat" })
	void severalPipelinesInARouteThatIsAddedLater(String filter) {
		RouteDefinition route = new RouteDefinition();
		route.setId("later");
		route.setUri(URI.create("ws://localhost"));
		route.setFilters(List.of(new FilterDefinition(filter)));
		this.runner.withBean("laterRoutes", RouteDefinitionLocator.class, () -> () -> Flux.just(route))
			.withPropertyValues("ws-policy.pipelines.chat.enabled=true", "ws-policy.pipelines.other.enabled=true")
			.run((context) -> {
				if (filter.endsWith(",")) {
					// Gateway itself removes empty values.
					assertThat(context.getBean(RouteLocator.class).getRoutes().blockFirst().getFilters().toString())
						.contains("pipeline = 'chat'");
				}
				else {
					assertThat(context).getFailure()
						.isInstanceOf(UnknownPipelineException.class)
						.hasMessageContaining("2 pipelines, but a route can have only one");
				}
			});
	}

	@Test
	void filterWithoutAPipeline() {
		String route = "spring.cloud.gateway.server.webflux.routes[0].";
		fails(route + "id=r", route + "uri=ws://localhost", route + "predicates[0]=Path=/**",
				route + "filters[0]=WsPolicy")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription()).contains("WsPolicy=");
				assertThat(analysis.getAction()).contains("Name one of them in the route");
			});
	}

	@Test
	void pipelineNameAsExpression() {
		String route = "spring.cloud.gateway.server.webflux.routes[0].";
		this.runner
			.withPropertyValues(route + "id=r", route + "uri=ws://localhost", route + "predicates[0]=Path=/**",
					route + "filters[0]=WsPolicy=#{'cha' + 't'}", "ws-policy.pipelines.chat.enabled=true")
			.run((context) -> assertThat(
					context.getBean(RouteLocator.class).getRoutes().blockFirst().getFilters().toString())
				.contains("pipeline = 'chat'"));
	}

	@Test
	void unknownPipelineInTheJavaDsl() {
		assertThat(analyze(this.runner.withUserConfiguration(Routes.class)
			.withPropertyValues("pipeline=chatt", "ws-policy.pipelines.chat.enabled=true")).getAction())
			.contains("Did you mean 'chat'?");
		this.runner.withUserConfiguration(Routes.class)
			.withPropertyValues("pipeline=chat", "ws-policy.pipelines.chat.enabled=true")
			.run((context) -> assertThat(
					context.getBean("routes", RouteLocator.class).getRoutes().blockFirst().getFilters().toString())
				.contains("pipeline = 'chat'"));
	}

	@Configuration(proxyBeanMethods = false)
	static class Routes {

		@Bean
		RouteLocator routes(RouteLocatorBuilder builder, WsPolicyGatewayFilterFactory wsPolicy,
				Environment environment) {
			String pipeline = environment.getRequiredProperty("pipeline");
			return builder.routes()
				.route("r",
						(route) -> route.path("/**")
							.filters((filters) -> filters.filter(wsPolicy.pipeline(pipeline)))
							.uri("ws://localhost"))
				.build();
		}

	}

}
