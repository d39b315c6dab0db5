package dev.wspolicy.gateway;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.resolver.AbstractAddressResolver;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.LocalSessionPlaces;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for upgrades that filters retry, forward, redirect or rewrite.
 */
class RepeatedUpgradesTests {

	private static final String BY_TIMEOUT = "spring.cloud.gateway.server.webflux.routes[0].filters[1]";

	private static final RawUpstream upstream = RawUpstream.start();

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.complete()
		.inFrontOf(upstream)
		.filteredRoute("by-timeout", "WsPolicy=counted")
		.set(BY_TIMEOUT + ".name", "Retry")
		.set(BY_TIMEOUT + ".args.retries", 2)
		.set(BY_TIMEOUT + ".args.statuses", "GATEWAY_TIMEOUT")
		// In place of the default, which contains that status
		.set(BY_TIMEOUT + ".args.series", "REDIRECTION")
		.filteredRoute("retried", "Retry=3", "WsPolicy=counted")
		.filteredRoute("hasty", "Retry=3", "WsPolicy=hasty")
		.filteredRoute("patient", "Retry=1", "WsPolicy=patient")
		.filteredRoute("by-status", "WsPolicy=counted", "Retry=2,BAD_GATEWAY,GET")
		.filteredRoute("refused-again", "Retry=2,UPGRADE_REQUIRED,GET")
		.filteredRoute("judged-once", "Retry=1,FORBIDDEN,GET", "WsPolicy=guarded")
		.filteredRoute("again", "Retry=1,SWITCHING_PROTOCOLS", "WsPolicy=counted")
		.routeTo("open", "forward:/closed", "WsPolicy=counted")
		.routeTo("shut", "forward:/plain", "WsPolicy=closed")
		.filteredRoute("closed", "WsPolicy=closed")
		.filteredRoute("length", "AddRequestHeader=Content-Length, 5")
		.filteredRoute("chunks", "AddRequestHeader=Transfer-Encoding, chunked")
		.routeTo("underscore", "ws://chat_service:" + upstream.port())
		.routes("plain")
		.pipeline("guarded", "upgrade[0].allowed-origins.origins", "https://app.example.com")
		.pipeline("closed", "enabled", false)
		.pipeline("counted", "upgrade[0].session-limit.max", 1)
		.pipeline("hasty", "upgrade[0].session-limit.max", 1)
		.pipeline("hasty", "session.handshake-timeout", "300ms")
		.pipeline("patient", "upgrade[0].session-limit.max", 1)
		// Longer than a test can be held up between two steps
		.pipeline("patient", "session.handshake-timeout", "4s");

	@AfterEach
	void allResourcesAreReleased() {
		gateway.awaitNoSessions();
		await().untilAsserted(() -> assertThat(gateway.bean(LocalSessionPlaces.class).size()).isZero());
		asked().set(0);
	}

	@Test
	void retriedStatusIsNotReportedAsRefusal() {
		try (ClientHandshake client = gateway.client().path("/retried").start()) {
			upstream.accept().refuse(503);
			upstream.accept().refuse(503);
			assertOpenOnce(client);
		}
	}

	@Test
	void failuresAreRetriedAsForHttpRequests() {
		try (ClientHandshake client = gateway.client().path("/retried").start()) {
			upstream.accept().closeWithoutAnswer();
			upstream.accept().acceptKeyOverride("AAAAAAAAAAAAAAAAAAAAAAAAAAA=").acceptWebSocket();
			assertOpenOnce(client);
		}
	}

	@Test
	void timeoutsAreRetriedAsForHttpRequests() {
		try (ClientHandshake client = gateway.client().path("/hasty").start()) {
			for (int i = 0; i < 4; i++) {
				upstream.acceptConnection().drainToEnd();
			}
			assertThat(client.response().status()).isEqualTo(504);
		}
		assertThat(gateway.recorder().refused()).containsExactly(HttpStatusCode.valueOf(504));
		assertThat(asked()).hasValue(1);
	}

	@Test
	void sessionAfterATimeoutIsTheOnlyOne() {
		try (ClientHandshake client = gateway.client().path("/patient").start()) {
			upstream.acceptConnection().drainToEnd();
			assertOpenOnce(client, "/patient");
		}
	}

	@Test
	void retryMatchesATimeoutThatTheUpstreamReports() {
		try (ClientHandshake client = gateway.client().path("/by-timeout").start()) {
			upstream.accept().refuse(504);
			upstream.accept().refuse(504);
			assertOpenOnce(client);
		}
		try (ClientHandshake client = gateway.client().path("/by-timeout").start()) {
			upstream.accept().refuse(503);
			assertThat(client.response().status()).as("of the only attempt").isEqualTo(503);
		}
	}

	@Test
	void retryMatchesTheStatusOfTheUpstream() {
		try (ClientHandshake client = gateway.client().path("/by-status").start()) {
			upstream.accept().refuse(502);
			upstream.accept().closeWithoutAnswer();
			assertOpenOnce(client);
		}
	}

	@Test
	void sessionAfterARetryHasOneUpstreamLeg() {
		try (ClientHandshake client = gateway.client().path("/again").start()) {
			RawPeer first = upstream.accept().acceptWebSocket();
			assertOpenOnce(client);
			first.expectClosed();
		}
	}

	@Test
	void lastAttemptIsTheResponse() {
		try (ClientHandshake client = gateway.client().path("/retried").start()) {
			for (int i = 0; i < 4; i++) {
				upstream.accept().refuse(503);
			}
			assertThat(client.response().status()).isEqualTo(503);
		}
		assertThat(gateway.recorder().refused()).containsExactly(HttpStatusCode.valueOf(503));
	}

	@Test
	void headersOfARefusalAreThoseOfTheLastAttempt() {
		RawResponse response = gateway.client().path("/refused-again").replace("Sec-WebSocket-Version", "7").exchange();
		assertThat(response.status()).isEqualTo(426);
		assertThat(response.headers().all("Sec-WebSocket-Version")).containsExactly("13");
		assertThat(gateway.recorder().refused()).containsExactly(HttpStatusCode.valueOf(426));
	}

	@Test
	void policyIsNotReportedForALaterRefusalByAFilter() {
		RawResponse response = gateway.client()
			.path("/judged-once")
			.header("Origin", "https://other.example.com")
			.exchange();
		assertThat(response.status()).isEqualTo(409);
		Collection<Counter> counters = gateway.bean(MeterRegistry.class)
			.get("wspolicy.upgrades")
			.tags("route", "judged-once")
			.counters();
		assertThat(counters).singleElement()
			.satisfies((counter) -> assertThat(counter.getId().getTag("policy")).isEqualTo("none"));
	}

	private static void assertOpenOnce(ClientHandshake client) {
		assertOpenOnce(client, "/retried");
	}

	private static void assertOpenOnce(ClientHandshake client, String sameLimit) {
		RawPeer server = upstream.accept().acceptWebSocket();
		try (server; RawPeer peer = client.connected()) {
			peer.send(WireFrame.text("hello").masked());
			assertThat(server.receiveFrame().payloadAsText()).isEqualTo("hello");
			assertThat(gateway.recorder().refused()).isEmpty();
			assertThat(gateway.recorder().opened()).isOne();
			assertThat(asked()).hasValue(1);
			assertThat(gateway.client().path(sameLimit).exchange().status()).as("the session holds the only place")
				.isEqualTo(503);
		}
		gateway.awaitNoSessions();
	}

	@Test
	void forwardedUpgradeUsesThePipelineOfItsFinalRoute() {
		assertThat(gateway.client().path("/open").exchange().status()).isEqualTo(503);
		try (ClientHandshake client = gateway.client().path("/shut").start()) {
			RawPeer server = upstream.accept().acceptWebSocket();
			client.connected();
			assertThat(gateway.onlySession().pipeline()).isEqualTo("default");
			assertThat(gateway.onlySession().upgrade().path()).as("as the client sent it").isEqualTo("/shut");
			assertThat(gateway.onlySession().upgrade().routeId()).isEqualTo("plain");
			server.close();
		}
	}

	@Test
	void redirectIsFollowedIfGatewayIsConfiguredTo() {
		try (RawUpstream elsewhere = RawUpstream.start();
				ClientHandshake client = gateway.client().path("/plain").subprotocol("chat").start()) {
			upstream.accept()
				.refuse(302, Map.of("Location", "http://localhost:" + elsewhere.port() + "/moved"), new byte[0]);
			UpstreamHandshake handshake = elsewhere.accept();
			assertThat(handshake.target()).isEqualTo("/moved");
			RawPeer server = handshake.subprotocol("chat").acceptWebSocket();
			RawPeer peer = client.connected();
			server.send(WireFrame.text("here"));
			assertThat(peer.receiveFrame().payloadAsText()).isEqualTo("here");
			server.close();
		}
	}

	@Test
	void hostWithAnUnderscoreIsReached() {
		try (ClientHandshake client = gateway.client().path("/underscore/x?a=%20").start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.target()).isEqualTo("/underscore/x?a=%20");
			assertThat(handshake.headers().first("Host")).isEqualTo("chat_service:" + upstream.port());
			RawPeer server = handshake.acceptWebSocket();
			client.connected();
			assertThat(gateway.onlySession().upgrade().upstreamUri().toString())
				.isEqualTo("ws://chat_service:" + upstream.port() + "/underscore/x?a=%20");
			server.close();
		}
	}

	@Test
	void bodyOfARefusalCanBeRewritten() {
		try (ClientHandshake client = gateway.client().path("/rewritten").start()) {
			upstream.accept()
				.refuse(401, Map.of("Content-Type", "application/json"),
						"{\"error\":\"who\"}".getBytes(StandardCharsets.UTF_8));
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(401);
			assertThat(response.bodyAsText()).isEqualTo("rewritten: who");
		}
		assertThat(gateway.recorder().refused()).containsExactly(HttpStatusCode.valueOf(401));
	}

	@ParameterizedTest
	@ValueSource(strings = { "body", "length", "chunks" })
	void filtersThatModifyBodiesDoNotAffectUpgrades(String route) {
		try (ClientHandshake client = gateway.client().path("/" + route).start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().contains("Content-Length")).isFalse();
			assertThat(handshake.headers().contains("Transfer-Encoding")).isFalse();
			RawPeer server = handshake.acceptWebSocket();
			client.connected().send(WireFrame.text("hello").masked());
			assertThat(server.receiveFrame().payloadAsText()).isEqualTo("hello");
			server.close();
		}
	}

	private static AtomicInteger asked() {
		return gateway.bean(AtomicInteger.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		AtomicInteger asked() {
			return new AtomicInteger();
		}

		@Bean
		@WsPolicy
		UpgradePolicy counting(AtomicInteger asked) {
			return (upgrade) -> {
				asked.incrementAndGet();
				return Mono.just(UpgradeVerdict.accept());
			};
		}

		/** Lets an upgrade of one route pass once. */
		@Bean
		GlobalFilter once() {
			return new RefusedUpgradesTests.OrderedGlobalFilter(20_000, (exchange, chain) -> {
				boolean first = exchange.getAttributes().put("tried", true) == null;
				if (first || !exchange.getRequest().getURI().getPath().equals("/judged-once")) {
					return chain.filter(exchange);
				}
				exchange.getResponse().setStatusCode(HttpStatus.CONFLICT);
				return exchange.getResponse().setComplete();
			});
		}

		@Bean
		HttpClientCustomizer client() {
			return (client) -> client.followRedirect(true).resolver(new EverythingIsHere());
		}

		@Bean
		RouteLocator rewriting(RouteLocatorBuilder routes) {
			return routes.routes()
				.route("rewritten",
						(route) -> route.path("/rewritten")
							.filters((filters) -> filters.modifyResponseBody(Map.class, String.class,
									(exchange, body) -> Mono.just("rewritten: " + body.get("error"))))
							.uri(upstream.uri()))
				.route("body",
						(route) -> route.path("/body")
							.filters((filters) -> filters.modifyRequestBody(String.class, String.class,
									(exchange, body) -> Mono.justOrEmpty(body)))
							.uri(upstream.uri()))
				.build();
		}

	}

	/** A name server that resolves every name to one address. */
	static final class EverythingIsHere extends AddressResolverGroup<InetSocketAddress> {

		@Override
		protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
			return new AbstractAddressResolver<>(executor, InetSocketAddress.class) {

				@Override
				protected boolean doIsResolved(InetSocketAddress address) {
					return !address.isUnresolved();
				}

				@Override
				protected void doResolve(InetSocketAddress address, Promise<InetSocketAddress> promise) {
					promise.setSuccess(new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()));
				}

				@Override
				protected void doResolveAll(InetSocketAddress address, Promise<List<InetSocketAddress>> promise) {
					promise.setSuccess(
							List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort())));
				}

			};
		}

	}

}
