package dev.wspolicy.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that a policy which is bound to a subprotocol that no route offers makes start-up
 * fail with a helpful report.
 */
class SubprotocolErrorTests extends AbstractConfigurationTests {

	private static final String ROUTE = "spring.cloud.gateway.server.webflux.routes[0].";

	private static final String DEFAULT_FILTER = "spring.cloud.gateway.server.webflux.default-filters";

	private static final String REQUIRED = ".upgrade[0].require-subprotocol.names=";

	private final ReactiveWebApplicationContextRunner routed = this.runner.withPropertyValues(ROUTE + "id=chat",
			ROUTE + "uri=ws://localhost", ROUTE + "predicates[0]=Path=/**", ROUTE + "filters[0]=WsPolicy=chat",
			"ws-policy.pipelines.chat" + REQUIRED + "chat.v1,chat.v2");

	@Test
	void theRouteOfThePolicyRequiresOthers() {
		FailureAnalysis analysis = analyze(this.routed.withUserConfiguration(OnRoute.class));
		assertThat(analysis.getDescription()).isEqualTo(
				"The policy 'onRoute' is bound to the subprotocol 'chat.v3', but no route offers it: each pipeline that may serve the policy, [chat], requires other subprotocols.");
		assertThat(analysis.getAction()).startsWith("Did you mean 'chat.v")
			.endsWith(
					"Known names: chat.v1, chat.v2. Correct the annotation, or add the subprotocol to 'require-subprotocol' in a pipeline.");
	}

	@Test
	void allPipelinesRequireOthers() {
		FailureAnalysis analysis = analyze(this.routed.withUserConfiguration(OnAllRoutes.class)
			.withPropertyValues("ws-policy.pipelines.default" + REQUIRED + "chat.v4"));
		assertThat(analysis.getDescription()).contains("'onAllRoutes'", "[chat, default]");
	}

	@ParameterizedTest
	@ValueSource(strings = { "ws-policy.pipelines.chat" + REQUIRED + "chat.v3,chat.v1",
			"ws-policy.pipelines.chat" + REQUIRED, ROUTE + "id=other", ROUTE + "filters[0]=WsPolicy=default" })
	void theRouteMayOfferIt(String property) {
		this.routed.withUserConfiguration(OnRoute.class)
			.withPropertyValues(property)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void theLastFilterOfTheRouteMayOfferIt() {
		this.routed.withUserConfiguration(OnRoute.class)
			.withPropertyValues(ROUTE + "filters[1]=WsPolicy=default")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void aLaterDefaultFilterMayOfferIt() {
		this.routed.withUserConfiguration(OnRoute.class)
			.withPropertyValues(DEFAULT_FILTER + "[0]=PreserveHostHeader", DEFAULT_FILTER + "[1]=WsPolicy=default")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void theRouteReplacesADefaultFilter() {
		FailureAnalysis analysis = analyze(this.routed.withUserConfiguration(OnRoute.class)
			.withPropertyValues(DEFAULT_FILTER + "[0]=WsPolicy=default"));
		assertThat(analysis.getDescription()).contains("[chat]");
	}

	@Test
	void theDefaultPipelineMayOfferIt() {
		this.routed.withUserConfiguration(OnAllRoutes.class).run((context) -> assertThat(context).hasNotFailed());
	}

	@Configuration(proxyBeanMethods = false)
	static class OnRoute {

		@Bean
		@WsPolicy(routes = "chat", subprotocols = "chat.v3")
		FramePolicy onRoute() {
			return (frame, context) -> Verdict.forward();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnAllRoutes {

		@Bean
		@WsPolicy(subprotocols = "chat.v3")
		FramePolicy onAllRoutes() {
			return (frame, context) -> Verdict.forward();
		}

	}

}
