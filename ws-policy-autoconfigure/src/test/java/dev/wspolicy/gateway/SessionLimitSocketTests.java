package dev.wspolicy.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.LocalSessionPlaces;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the limit on sessions, on real sockets. A place is taken before the upstream
 * is dialled, and released however the upgrade ends.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class SessionLimitSocketTests {

	private static final int MAX = 4;

	private static final RawUpstream shared = RawUpstream.start();

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(FailingFilter.class)
		.http2()
		.inFrontOf(shared)
		.pipeline("session.close-timeout", "500ms")
		// Much more than a test needs for an answer, however busy the machine is
		.pipeline("session.handshake-timeout", "1m")
		.pipeline("limited", "upgrade[0].session-limit.max", MAX)
		.pipeline("limited", "upgrade[0].session-limit.retry-after", "7s")
		.pipeline("limited", "upgrade[1].require-subprotocol.names", "chat")
		.pipeline("hasty", "upgrade[0].session-limit.max", 1)
		.pipeline("hasty", "session.handshake-timeout", "300ms")
		.pipeline("beating", "upgrade[0].session-limit.max", 1)
		.pipeline("beating", "session.heartbeat.interval", "200ms")
		// Longer than a test can be held up between two steps
		.pipeline("beating", "session.heartbeat.timeout", "4s")
		// Only the heartbeat ends a session of this one in time
		.pipeline("beating", "session.close-timeout", "1m")
		.pipeline("one", "upgrade[0].session-limit.max", 1)
		.pipeline("one", "upgrade[0].session-limit.scope", "address")
		.pipeline("rated", "upgrade[0].session-limit.opening-rate", 1)
		.pipeline("rated", "upgrade[0].session-limit.opening-burst", 3)
		.pipeline("rated", "upgrade[0].session-limit.retry-after", "7s")
		.pipeline("rated", "upgrade[1].require-subprotocol.names", "chat")
		.routesByName("limited", "hasty", "beating", "one", "rated");

	@AfterEach
	void allPlacesAreFreeAgain() {
		await().untilAsserted(() -> assertThat(gateway.bean(LocalSessionPlaces.class).size()).isZero());
	}

	@Test
	void upgradesBeyondTheLimitDoNotReachTheUpstream() {
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
		await().untilAsserted(() -> assertThat(gateway.sessions().size()).isEqualTo(MAX));
		handshakes.forEach(ClientHandshake::close);
		servers.forEach(RawPeer::close);
	}

	/** The policy behind the limit refuses what the limit lets through. */
	@Test
	void upgradesBeyondTheRateAreSentAwayForDifferentTimes() {
		List<RawResponse> answers = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			answers.add(gateway.client().path("/rated").exchange());
		}
		assertThat(answers).extracting(RawResponse::status)
			.startsWith(400, 400, 400)
			.containsOnly(400, 503)
			.contains(503);
		assertThat(answers).filteredOn((answer) -> answer.status() == 503)
			.extracting((answer) -> Integer.parseInt(answer.headers().first("Retry-After")))
			.allMatch((seconds) -> seconds >= 7 && seconds <= 14)
			.hasSizeGreaterThan(50)
			.satisfies((seconds) -> assertThat(Set.copyOf(seconds)).hasSizeGreaterThan(1));
	}

	@Test
	void placeIsReleasedIfALaterPolicyRefuses() {
		for (int i = 0; i < 3 * MAX; i++) {
			assertThat(gateway.client().path("/limited").exchange().status()).isEqualTo(400);
		}
	}

	@Test
	void placeIsReleasedIfTheUpstreamRefuses() {
		for (int i = 0; i < 2 * MAX; i++) {
			try (ClientHandshake handshake = limited(); UpstreamHandshake server = shared.accept()) {
				server.refuse(401, "who are you?");
				assertThat(handshake.response().status()).isEqualTo(401);
			}
		}
	}

	@Test
	void placeIsReleasedIfTheUpstreamIsLost() {
		for (int i = 0; i < 2 * MAX; i++) {
			try (ClientHandshake handshake = limited()) {
				shared.accept().closeWithoutAnswer();
				assertThat(handshake.response().status()).isEqualTo(502);
			}
		}
	}

	@Test
	void placeIsReleasedIfTheUpstreamDoesNotRespond() {
		try (ClientHandshake handshake = gateway.client().path("/hasty").start();
				RawPeer server = shared.acceptConnection()) {
			assertThat(handshake.response().status()).isEqualTo(504);
			server.drainToEnd();
		}
	}

	@Test
	void placeIsReleasedIfTheClientDisconnects() {
		for (int i = 0; i < MAX; i++) {
			ClientHandshake handshake = limited();
			try (UpstreamHandshake server = shared.accept()) {
				handshake.peer().reset();
				server.peer().expectClosed();
			}
		}
	}

	@Test
	void placeIsReleasedIfAFilterFails() {
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

	@ParameterizedTest
	@EnumSource
	void placeIsReleasedIfAHeartbeatIsMissed(Side silent) {
		try (RawSession session = gateway.open("beating")) {
			RawPeer alive = session.peer(silent.peer());
			assertThat(gateway.client().path("/beating").exchange().status()).isEqualTo(503);
			WireFrame frame = alive.receiveFrame();
			while (frame.opcode() == WireFrame.PING) {
				alive.send(WireFrame.pong(frame.payload()).from(silent.peer()));
				frame = alive.receiveFrame();
			}
			assertThat(frame.closeReason()).isEqualTo("heartbeat missed");
			alive.send(WireFrame.close(1001).from(silent.peer()));
			alive.shutdownOutput();
			// The silent peer has neither answered nor closed its connection
			gateway.awaitNoSessions();
			gateway.open("beating").close();
			assertThat(gateway.recorder().missedHeartbeats()).containsExactly(silent);
		}
	}

	@Test
	void addressesAreLimitedSeparately() {
		try (RawSession first = gateway.open(gateway.client().path("/one").from("127.0.0.2"))) {
			assertThat(gateway.client().path("/one").from("127.0.0.2").exchange().status()).isEqualTo(429);
			gateway.open(gateway.client().path("/one").from("127.0.0.3")).close();
			first.client().reset();
		}
		gateway.awaitNoSessions();
		gateway.open(gateway.client().path("/one").from("127.0.0.2")).close();
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
	 * Fails between the response of the upstream and the response to the client.
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
