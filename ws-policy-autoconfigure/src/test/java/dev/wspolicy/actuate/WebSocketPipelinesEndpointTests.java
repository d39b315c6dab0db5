package dev.wspolicy.actuate;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.Fleet;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.gateway.TestGateway;
import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.pipeline.ReloadBehavior;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.RolloutOverrides;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the endpoint that shows the effective pipeline of each route and the origin
 * of its policies.
 */
class WebSocketPipelinesEndpointTests {

	private static TestGateway gateway;

	private static WebTestClient http;

	@BeforeAll
	static void start() {
		String chat = "ws-policy.pipelines.chat.";
		gateway = exposed().route("plain", "ws://localhost:1")
			.route("chat", "ws://localhost:1", "WsPolicy=default", "WsPolicy=chat")
			.set(chat + "upgrade[0].allowed-origins.origins", "https://secret.example.com")
			.set(chat + "upgrade[1]", "listed-upgrade")
			.set(chat + "inbound[0].size-limit.bytes", "2KB")
			.set(chat + "inbound[1]", "named")
			.set(chat + "limits.inbound-message", "64KB")
			.set(chat + "limits.outbound-message", "-1")
			.set(chat + "session.idle-timeout", "10m")
			.set(chat + "masking", "remask")
			.set(chat + "content-type", "text/plain")
			.set(chat + "on-loss.upstream", "1012")
			.start();
		http = gateway.http("/actuator/websocketpipelines");
	}

	private static TestGateway.Builder exposed() {
		return TestGateway.with(Policies.class)
			.complete()
			.set("management.endpoints.web.exposure.include", "websocketpipelines");
	}

	@AfterAll
	static void stop() {
		gateway.close();
	}

	@Test
	void showsAllRoutes() {
		http.get()
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.routes.length()")
			.isEqualTo(3)
			.jsonPath("$.routes.plain.pipeline")
			.isEqualTo("default")
			.jsonPath("$.routes.chat.pipeline")
			.isEqualTo("chat")
			.jsonPath("$.routes.java.pipeline")
			.isEqualTo("chat");
	}

	@Test
	void annotatedUpgradePolicyThatIsListedElsewhereStillApplies() {
		UpgradeBinding bean = new UpgradeBinding("everywhere", new Everywhere(),
				PolicyOrigin.of(PolicyOrigin.Kind.ANNOTATION, Everywhere.class));
		PipelineCatalog catalog = new PipelineCatalog(List.of(pipeline("default")), List.of(), List.of(bean));
		WebSocketPipelinesEndpoint endpoint = new WebSocketPipelinesEndpoint(
				Mono.just(Map.of("route", "default", "another", "other")), catalog, new LiveSessions());
		assertThat(endpoint.pipeline("route").block().upgrade()).hasSize(1);
		catalog.replace(List.of(pipeline("other", bean)), RolloutOverrides.NONE);
		assertThat(endpoint.pipeline("route").block().upgrade()).hasSize(1);
		assertThat(endpoint.pipeline("another").block().upgrade()).hasSize(1);
	}

	private static PipelineDefinition pipeline(String name, UpgradeBinding... upgrade) {
		return new PipelineDefinition(name, true, List.of(upgrade), List.of(), List.of(), SessionSettings.DEFAULT,
				ReloadBehavior.KEEP);
	}

	@Test
	void showsPoliciesWithTheirOrigins() {
		http.get()
			.uri("/chat")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.consumeWith((result) -> assertThat(result.toString()).doesNotContain("secret"))
			.jsonPath("$.enabled")
			.isEqualTo(true)
			.jsonPath("$.upgrade")
			.value((Object list) -> assertThat(list.toString()).isEqualTo(("["
					+ "{'name':'revoked-authentication','type':'dev.wspolicy.builtin.security.RevokedUpgradePolicy',"
					+ "'origin':'ANNOTATION',%2$s},"
					+ "{'name':'everywhere','type':'%1$s$Everywhere','origin':'ANNOTATION',%2$s},"
					+ "{'name':'allowed-origins','type':'dev.wspolicy.builtin.AllowedOriginsPolicy','origin':'FACTORY',"
					+ "'property':'ws-policy.pipelines.chat.upgrade[0].allowed-origins',%2$s},"
					+ "{'name':'listed-upgrade','type':'%1$s$ListedUpgrade','origin':'BEAN',"
					+ "'property':'ws-policy.pipelines.chat.upgrade[1]',%2$s}]")
				.formatted(WebSocketPipelinesEndpointTests.class.getName(),
						"'rollout':{'mode':'ENFORCE','share':100.0}")
				.replace('\'', '"')))
			.jsonPath("$.inbound[*].name")
			.value((Object names) -> assertThat(names).hasToString("[\"annotated\",\"size-limit\",\"named\"]"))
			.jsonPath("$.inbound[0]")
			.value((Object policy) -> assertThat(policy.toString()).contains("origin=ANNOTATION")
				.contains("types=[\"BINARY\"]")
				.contains("granularity=FRAME")
				.contains("onError=DROP")
				.contains("subprotocols=[\"v2.*\"]")
				.doesNotContain("property"))
			.jsonPath("$.inbound[1].origin")
			.isEqualTo("FACTORY")
			.jsonPath("$.inbound[1].property")
			.isEqualTo("ws-policy.pipelines.chat.inbound[0].size-limit")
			.jsonPath("$.inbound[2].origin")
			.isEqualTo("BEAN")
			.jsonPath("$.inbound[2].property")
			.isEqualTo("ws-policy.pipelines.chat.inbound[1]")
			.jsonPath("$.inbound[2].type")
			.isEqualTo(Named.class.getName())
			.jsonPath("$.outbound")
			.isEmpty();
	}

	@Test
	void showsLimitsAndTimeouts() {
		http.get()
			.uri("/chat")
			.exchange()
			.expectBody()
			.jsonPath("$.limits.inboundMessage")
			.isEqualTo(65_536)
			.jsonPath("$.limits.outboundMessage")
			.doesNotExist()
			.jsonPath("$.limits.inboundFragments")
			.isEqualTo(1024)
			.jsonPath("$.limits.outboundFragments")
			.isEqualTo(65_536)
			.jsonPath("$.timeouts.idle")
			.isEqualTo("PT10M")
			.jsonPath("$.timeouts.close")
			.isEqualTo("PT5S")
			.jsonPath("$.timeouts.maxDuration")
			.doesNotExist()
			.jsonPath("$.timeouts.heartbeatTimeout")
			.doesNotExist()
			.jsonPath("$.masking")
			.isEqualTo("REMASK")
			.jsonPath("$.contentType")
			.isEqualTo("text/plain")
			.jsonPath("$.onLoss.upstream")
			.isEqualTo(1012)
			.jsonPath("$.onLoss.client")
			.isEqualTo(1001);
	}

	@Test
	void policyForOtherRoutesIsNotShown() {
		http.get().uri("/plain").exchange().expectBody().jsonPath("$.inbound").isEmpty();
	}

	@Test
	void isReadOnlyByDefault() {
		http.post()
			.uri("/chat/named")
			.contentType(MediaType.APPLICATION_JSON)
			.bodyValue(Map.of("mode", "off"))
			.exchange()
			.expectStatus()
			.isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
		http.delete().uri("/chat/named").exchange().expectStatus().isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
	}

	@Test
	void unknownRoutesAreNotFound() {
		http.get()
			.uri("/no/route")
			.exchange()
			.expectStatus()
			.isNotFound()
			.expectBody()
			.jsonPath("$.message")
			.isEqualTo("route: no WebSocket route 'no/route' (expected: chat, java, plain)");
	}

	@Test
	void unknownRouteAmongMany() {
		Map<String, String> names = IntStream.range(0, 25)
			.boxed()
			.collect(Collectors.toMap((i) -> "route-%02d".formatted(i), (i) -> "default"));
		Mono<Map<String, String>> routes = Mono.just(names);
		PipelineCatalog catalog = new PipelineCatalog(List.of(pipeline("default")), List.of(), List.of());
		WebSocketPipelinesEndpointWebExtension extension = new WebSocketPipelinesEndpointWebExtension(
				new WebSocketPipelinesEndpoint(routes, catalog, new LiveSessions()), routes,
				Mockito.mock(PolicySwitch.class), Mockito.mock(Fleet.class), false, (event) -> {
				});
		WebEndpointResponse<Object> shown = Objects.requireNonNull(extension.pipeline("other").block());
		assertThat(shown.getStatus()).isEqualTo(404);
		assertThat(((Problem) shown.getBody()).message())
			.startsWith("route: no WebSocket route 'other' (expected: route-00, route-01, ")
			.endsWith(", route-18, route-19, and 5 more)");
		WebEndpointResponse<Object> switched = Objects.requireNonNull(
				extension.override(SecurityContext.NONE, "default", "p", "off", null, null, null, "other", null, null)
					.block());
		assertThat(((Problem) switched.getBody()).message())
			.startsWith("route: the pipeline 'default' does not serve a route 'other' (expected: route-00, route-01, ")
			.endsWith(", route-19, and 5 more)");
	}

	@Test
	void isReadOnly() {
		http.delete().exchange().expectStatus().isEqualTo(405);
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		RouteLocator javaRoutes(RouteLocatorBuilder routes, WsPolicyGatewayFilterFactory wsPolicy) {
			return routes.routes()
				.route("java",
						(route) -> route.path("/java")
							.filters((filters) -> filters.filter(wsPolicy.pipeline("chat")))
							.uri("ws://localhost:1"))
				.build();
		}

		@Bean
		@Order(1)
		@WsPolicy(direction = Direction.INBOUND, types = FrameType.BINARY, granularity = Granularity.FRAME,
				routes = { "ch*", "java" }, subprotocols = "v2.*", onError = OnError.DROP)
		Named annotated() {
			return new Named();
		}

		@Bean
		Named named() {
			return new Named();
		}

		@Bean
		@WsPolicy
		UpgradePolicy everywhere() {
			return new Everywhere();
		}

		@Bean
		UpgradePolicy listedUpgrade() {
			return new ListedUpgrade();
		}

	}

	static class Named implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.forward();
		}

	}

	static class Everywhere implements UpgradePolicy {

		@Override
		public Mono<UpgradeVerdict> apply(dev.wspolicy.session.UpgradeContext upgrade) {
			return Mono.just(UpgradeVerdict.accept());
		}

	}

	static class ListedUpgrade extends Everywhere {

	}

}
