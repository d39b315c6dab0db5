package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that listeners are notified of a refused upgrade once, with the response that the
 * client gets, whichever component refuses it.
 */
@ExtendWith(OutputCaptureExtension.class)
@ParameterizedClass
@EnumSource(ClientLeg.class)
class RefusedUpgradesTests {

	private static final RawUpstream upstream = RawUpstream.start();

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Filters.class)
		.http2()
		.complete()
		.inFrontOf(upstream)
		// This class blocks when it is initialized
		.set("spring.cloud.loadbalancer.eager-load.clients", "nobody")
		.routes("ws")
		.routeTo("http", "http://localhost:" + upstream.port())
		.routeTo("op", "no://op", "SetStatus=410")
		.routeTo("balanced", "lb:ws://nobody")
		.routeTo("underscore", "ws://no_such_host.invalid:9000")
		.routeTo("number", "ws://10.0.0.300:1")
		.routeTo("dots", "ws://chat..svc:1")
		.routeTo("forwarding", "forward:/closed")
		.routeTo("answering", "forward:/answered")
		.routeTo("telling", "forward:/told")
		.filteredRoute("closed", "WsPolicy=closed")
		.filteredRoute("late", "SetStatus=403")
		.pipeline("closed", "enabled", false);

	@Parameter
	ClientLeg leg;

	@AfterEach
	void allResourcesAreReleased() {
		gateway.awaitNoSessions();
	}

	@ParameterizedTest
	@CsvSource({ "throws, 410", "completes, 403", "body, 402", "async, 409", "fails, 500" })
	void filterBeforeTheDial(String what, int status) {
		int connections = upstream.acceptedConnections();
		for (String route : List.of("ws", "http")) {
			RawResponse response = gateway.client().path("/" + route).header("X-Do", what).exchange();
			assertThat(response.status()).isEqualTo(status);
			assertRefused(status);
		}
		assertThat(upstream.acceptedConnections()).isEqualTo(connections);
	}

	@ParameterizedTest
	@CsvSource({ "throws-after, 410", "completes-after, 403", "body-after, 402", "status-after, 403",
			"status-at-commit, 403", "fails-at-commit, 500" })
	void filterAfterThe101(String what, int status) {
		try (ClientHandshake client = gateway.client().path("/ws").header("X-Do", what).start()) {
			UpstreamHandshake handshake = upstream.accept();
			RawPeer server = handshake.header("X-From-Upstream", "yes").acceptWebSocket();
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(status);
			assertThat(response.headers().all("Upgrade")).isEmpty();
			server.expectClosed();
		}
		assertRefused(status);
	}

	/** A client of HTTP/2 would take it for a session. */
	@ParameterizedTest
	@CsvSource({ "ok, 0", "ok-body, 0", "ok-after, 1", "ok-body-after, 1", "created-after, 1", "ok-at-commit, 1" })
	void filterThatRespondsWithSuccess(String what, int dials) {
		int connections = upstream.acceptedConnections();
		int success = what.startsWith("created") ? 201 : 200;
		int expected = this.leg.isSession(success) ? 502 : success;
		try (ClientHandshake client = gateway.client().path("/ws").header("X-Do", what).start()) {
			RawPeer server = (dials > 0) ? upstream.accept().acceptWebSocket() : null;
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(expected);
			assertThat(response.bodyAsText().equals("pay")).isEqualTo(what.contains("body") && expected == success);
			if (server != null) {
				server.expectClosed();
			}
		}
		assertRefused(expected);
		assertThat(upstream.acceptedConnections()).isEqualTo(connections + dials);
	}

	@Test
	void routeThatSetsAnotherStatus() {
		try (ClientHandshake client = gateway.client().path("/late").start()) {
			RawPeer server = upstream.accept().acceptWebSocket();
			assertThat(client.response().status()).isEqualTo(403);
			server.expectClosed();
		}
		assertRefused(403);
	}

	@Test
	void loadBalancerWithoutInstances() {
		assertThat(gateway.client().path("/balanced").exchange().status()).isEqualTo(503);
		assertRefused(503);
	}

	@Test
	void upstreamAndHandshake() {
		try (ClientHandshake client = gateway.client().path("/ws").start()) {
			upstream.accept().refuse(401, Map.of(), new byte[20_000]);
			assertThat(client.response().status()).isEqualTo(401);
		}
		assertRefused(401);
		assertThat(gateway.client().path("/ws").replace("Sec-WebSocket-Version", "8").exchange().status())
			.isEqualTo(426);
		assertRefused(426);
		assertThat(gateway.client().path("/ws").withoutUpgrade().exchange().status()).isEqualTo(426);
		assertRefused(426);
	}

	@ParameterizedTest
	@ValueSource(strings = { "underscore", "number", "dots" })
	void hostThatNoUriCanName(String route, CapturedOutput output) {
		assertThat(gateway.client().path("/" + route).exchange().status()).isEqualTo(502);
		assertRefused(502);
		String host = Objects.requireNonNull(
				Map.of("underscore", "no_such_host.invalid:9000", "number", "10.0.0.300:1", "dots", "chat..svc:1")
					.get(route));
		assertThat(output).contains("Route '" + route + "': no WebSocket upstream at " + host + " (")
			.doesNotContain("NullPointerException");
	}

	@Test
	void forwardedUpgradeCountsForItsFinalRoute() {
		assertThat(gateway.client().path("/forwarding").exchange().status()).isEqualTo(503);
		assertRefused(503);
		assertThat(counter("closed", 503)).isPositive();
	}

	/** A client of HTTP/2 would take it for a session. */
	@ParameterizedTest
	@ValueSource(strings = { "answering", "telling" })
	void forwardToAHandlerThatAnswersWithSuccess(String route) {
		int status = gateway.client().path("/" + route).exchange().status();
		assertThat(status).isEqualTo(this.leg.isSession(200) ? 502 : 200);
	}

	@Test
	void otherRoutesAreNotCounted() {
		assertThat(gateway.client().path("/op").exchange().status()).isEqualTo(410);
		try (ClientHandshake client = gateway.client().path("/http").withoutUpgrade().start()) {
			// The other leg is not to get this connection from the pool
			upstream.accept().refuse(503, Map.of("Connection", "close"), new byte[0]);
			assertThat(client.response().status()).isEqualTo(503);
		}
		assertThat(gateway.recorder().refused()).isEmpty();
	}

	@Test
	void meterCountsEachUpgradeOnce() {
		double before = counter("ws", 403);
		gateway.client().path("/ws").header("X-Do", "completes").exchange();
		await().untilAsserted(() -> assertThat(counter("ws", 403)).isEqualTo(before + 1));
	}

	private static void assertRefused(int status) {
		gateway.awaitNoSessions();
		assertThat(gateway.recorder().opened()).isZero();
		assertThat(gateway.recorder().refused()).containsExactly(HttpStatusCode.valueOf(status));
		gateway.recorder().clear();
	}

	private static double counter(String route, int status) {
		Counter counter = gateway.bean(MeterRegistry.class)
			.find("wspolicy.upgrades")
			.tags("route", route, "status", String.valueOf(status))
			.counter();
		return (counter != null) ? counter.count() : 0;
	}

	/** An annotation on a lambda has no effect. */
	record OrderedGlobalFilter(int order, GlobalFilter delegate) implements GlobalFilter, Ordered {

		@Override
		public int getOrder() {
			return this.order;
		}

		@Override
		public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
			return this.delegate.filter(exchange, chain);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Filters {

		@Bean
		GlobalFilter filter() {
			return new OrderedGlobalFilter(20_000, (exchange, chain) -> {
				ServerHttpResponse response = exchange.getResponse();
				String what = Objects.requireNonNullElse(exchange.getRequest().getHeaders().getFirst("X-Do"), "");
				return switch (what) {
					case "throws" -> throw new ResponseStatusException(HttpStatus.GONE);
					case "fails" -> Mono.error(new IllegalStateException("on purpose"));
					case "completes" -> complete(response, HttpStatus.FORBIDDEN);
					case "ok" -> complete(response, HttpStatus.OK);
					case "body" -> body(exchange, HttpStatus.PAYMENT_REQUIRED);
					case "ok-body" -> body(exchange, HttpStatus.OK);
					case "async" -> Mono.fromRunnable(() -> response.setStatusCode(HttpStatus.CONFLICT));
					case "throws-after" ->
						chain.filter(exchange).then(Mono.error(() -> new ResponseStatusException(HttpStatus.GONE)));
					case "completes-after" ->
						chain.filter(exchange).then(Mono.defer(() -> complete(response, HttpStatus.FORBIDDEN)));
					case "body-after" ->
						chain.filter(exchange).then(Mono.defer(() -> body(exchange, HttpStatus.PAYMENT_REQUIRED)));
					case "ok-body-after" ->
						chain.filter(exchange).then(Mono.defer(() -> body(exchange, HttpStatus.OK)));
					case "status-after" -> statusAfter(chain.filter(exchange), response, HttpStatus.FORBIDDEN);
					case "ok-after" -> statusAfter(chain.filter(exchange), response, HttpStatus.OK);
					case "created-after" -> statusAfter(chain.filter(exchange), response, HttpStatus.CREATED);
					case "status-at-commit" -> {
						statusAtCommit(response, HttpStatus.FORBIDDEN);
						yield chain.filter(exchange);
					}
					case "ok-at-commit" -> {
						statusAtCommit(response, HttpStatus.OK);
						yield chain.filter(exchange);
					}
					case "fails-at-commit" -> {
						response.beforeCommit(() -> Mono.error(new IllegalStateException("on purpose")));
						yield chain.filter(exchange);
					}
					default -> chain.filter(exchange);
				};
			});
		}

		/** One leaves it to the server to send the response, as it is. */
		@Bean
		HandlerMapping answered() {
			WebHandler nothing = (exchange) -> Mono.empty();
			WebHandler something = (exchange) -> body(exchange, HttpStatus.OK);
			return new SimpleUrlHandlerMapping(Map.of("/answered", nothing, "/told", something), -1);
		}

		/** A name server that does not answer in time does not know the name either. */
		@Bean
		HttpClientCustomizer impatientResolver() {
			return (client) -> client
				.resolver((names) -> names.queryTimeout(Duration.ofMillis(500)).maxQueriesPerResolve(2));
		}

		private static Mono<Void> complete(ServerHttpResponse response, HttpStatus status) {
			response.setStatusCode(status);
			return response.setComplete();
		}

		private static Mono<Void> statusAfter(Mono<Void> answered, ServerHttpResponse response, HttpStatus status) {
			return answered.then(Mono.fromRunnable(() -> response.setStatusCode(status)));
		}

		private static void statusAtCommit(ServerHttpResponse response, HttpStatus status) {
			response.beforeCommit(() -> Mono.fromRunnable(() -> response.setStatusCode(status)));
		}

		private static Mono<Void> body(ServerWebExchange exchange, HttpStatus status) {
			ServerHttpResponse response = exchange.getResponse();
			response.setStatusCode(status);
			return response.writeWith(Mono.just(response.bufferFactory().wrap("pay".getBytes(StandardCharsets.UTF_8))));
		}

	}

}
