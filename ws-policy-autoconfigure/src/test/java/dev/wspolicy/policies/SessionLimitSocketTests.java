package dev.wspolicy.policies;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

import dev.wspolicy.gateway.TestGateway;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The limit of sessions on real sockets: places are taken before the upstream is dialled,
 * and come back however an upgrade ends.
 */
class SessionLimitSocketTests {

	private static final int MAX = 4;

	private static RawUpstream shared;

	private static TestGateway gateway;

	@BeforeAll
	static void start() {
		shared = RawUpstream.start();
		gateway = TestGateway.with(FailingFilter.class)
			.set("ws-policy.pipelines.default.session.close-timeout", "500ms")
			.set("ws-policy.pipelines.default.session.handshake-timeout", "2s")
			.set("ws-policy.pipelines.limited.upgrade[0].session-limit.max", MAX)
			.set("ws-policy.pipelines.limited.upgrade[0].session-limit.retry-after", "7s")
			.set("ws-policy.pipelines.limited.upgrade[1].require-subprotocol.names", "chat")
			.set("ws-policy.pipelines.one.upgrade[0].session-limit.max", 1)
			.set("ws-policy.pipelines.one.upgrade[0].session-limit.scope", "address")
			.route("limited", shared.uri(), "WsPolicy=limited")
			.route("one", shared.uri(), "WsPolicy=one")
			.start();
	}

	@AfterAll
	static void stop() {
		gateway.close();
		shared.close();
	}

	@AfterEach
	void allPlacesAreFreeAgain() {
		await().untilAsserted(() -> assertThat(gateway.bean(SessionCounts.class).size()).isZero());
		gateway.awaitNoSessions();
	}

	@Test
	void noMoreUpgradesThanPlacesReachTheUpstream() {
		List<ClientHandshake> handshakes = new ArrayList<>();
		for (int i = 0; i < 5 * MAX; i++) {
			handshakes.add(limited());
		}
		List<RawPeer> servers = new ArrayList<>();
		for (int i = 0; i < MAX; i++) {
			servers.add(shared.accept().subprotocol("chat").acceptWebSocket());
		}
		List<RawResponse> answers = handshakes.stream().map(ClientHandshake::response).toList();
		assertThat(answers).filteredOn((answer) -> answer.status() == 101).hasSize(MAX);
		assertThat(answers).filteredOn((answer) -> answer.status() != 101).hasSize(4 * MAX).allSatisfy((answer) -> {
			assertThat(answer.status()).isEqualTo(503);
			assertThat(answer.headers().first("Retry-After")).isEqualTo("7");
		});
		assertThat(gateway.sessions().size()).isEqualTo(MAX);
		handshakes.forEach(ClientHandshake::close);
		servers.forEach(RawPeer::close);
	}

	@Test
	void placesComeBackWhenALaterPolicyRefuses() {
		for (int i = 0; i < 3 * MAX; i++) {
			assertThat(gateway.client().path("/limited").exchange().status()).isEqualTo(400);
		}
	}

	@Test
	void placesComeBackWhenTheUpstreamRefuses() {
		for (int i = 0; i < 2 * MAX; i++) {
			try (ClientHandshake handshake = limited(); UpstreamHandshake server = shared.accept()) {
				server.refuse(401, "who are you?");
				assertThat(handshake.response().status()).isEqualTo(401);
			}
		}
	}

	@Test
	void placesComeBackWhenTheUpstreamIsLost() {
		for (int i = 0; i < 2 * MAX; i++) {
			try (ClientHandshake handshake = limited()) {
				shared.accept().closeWithoutAnswer();
				assertThat(handshake.response().status()).isEqualTo(502);
			}
		}
	}

	@Test
	void placesComeBackWhenTheUpstreamDoesNotAnswer() {
		try (ClientHandshake handshake = limited(); UpstreamHandshake server = shared.accept()) {
			assertThat(handshake.response().status()).isEqualTo(504);
			server.peer().expectClosed();
		}
	}

	@Test
	void placesComeBackWhenTheClientLeavesBeforeTheAnswer() {
		for (int i = 0; i < MAX; i++) {
			ClientHandshake handshake = limited();
			try (UpstreamHandshake server = shared.accept()) {
				handshake.peer().reset();
				server.peer().expectClosed();
			}
		}
	}

	@Test
	void placesComeBackWhenAFilterFailsBehindTheAnswer() {
		for (int i = 0; i < 2 * MAX; i++) {
			ClientHandshake handshake = gateway.client()
				.path("/limited")
				.subprotocol("chat")
				.header("X-Fail", "yes")
				.start();
			RawPeer server = shared.accept().subprotocol("chat").acceptWebSocket();
			assertThat(handshake.response().status()).isEqualTo(500);
			handshake.close();
			server.close();
		}
	}

	@Test
	void addressesHaveTheirOwnPlaces() {
		try (RawSession first = RawSession.open(gateway.client().path("/one").from("127.0.0.2"), shared)) {
			assertThat(gateway.client().path("/one").from("127.0.0.2").exchange().status()).isEqualTo(429);
			RawSession.open(gateway.client().path("/one").from("127.0.0.3"), shared).close();
			first.client().reset();
		}
		gateway.awaitNoSessions();
		RawSession.open(gateway.client().path("/one").from("127.0.0.2"), shared).close();
	}

	private static ClientHandshake limited() {
		return gateway.client().path("/limited").subprotocol("chat").start();
	}

	@Configuration(proxyBeanMethods = false)
	static class FailingFilter {

		@Bean
		GlobalFilter failBehindTheAnswer() {
			return new FailBehindTheAnswer();
		}

	}

	/**
	 * Stands between the upstream's answer and the client's.
	 */
	private static final class FailBehindTheAnswer implements GlobalFilter, Ordered {

		@Override
		public int getOrder() {
			return 0;
		}

		@Override
		public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
			Mono<Void> answered = chain.filter(exchange);
			boolean fail = exchange.getRequest().getHeaders().containsHeader("X-Fail");
			return fail ? answered.then(Mono.error(new IllegalStateException("as the test wants"))) : answered;
		}

	}

}
