package dev.wspolicy.redis;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Three gateways in three processes, on one Redis.
 */
@Tag("soak")
@TestMethodOrder(OrderAnnotation.class)
class GatewayProcessesTests {

	private static final Duration LEASE = Duration.ofSeconds(5);

	private static final RedisProcess redis = RedisProcess.start();

	private static final List<GatewayProcess> gateways = new ArrayList<>();

	private static final List<Integer> ports = new ArrayList<>();

	private static DisposableServer upstream;

	@BeforeAll
	static void start() {
		upstream = HttpServer.create()
			.handle((request, response) -> response.sendWebsocket((in, out) -> in.receive().then()))
			.bindNow();
		for (int i = 0; i < 3; i++) {
			Map<String, Object> properties = GatewayProcess.properties("gateway-" + i, redis.port(),
					URI.create("ws://127.0.0.1:" + upstream.port()));
			properties.put("ws-policy.fleet.lease", LEASE.toSeconds() + "s");
			properties.put("ws-policy.pipelines.default.upgrade[0].session-limit.max", 1);
			properties.put("ws-policy.pipelines.default.upgrade[0].session-limit.scope", "principal");
			properties.put("ws-policy.pipelines.default.session.handshake-timeout", "30s");
			gateways.add(GatewayProcess.start(properties));
		}
		gateways.forEach((gateway) -> ports.add(gateway.awaitPort()));
	}

	@AfterAll
	static void stop() {
		gateways.forEach(GatewayProcess::close);
		redis.close();
		upstream.disposeNow();
	}

	@Test
	void oneOfFiveHundredSimultaneousUpgradesOfAPrincipalGetsIn() {
		for (int round = 0; round < 3; round++) {
			String user = "user-" + round;
			List<ClientHandshake> handshakes = IntStream.range(0, 500)
				.mapToObj((number) -> upgrade(number % 3, user))
				.toList();
			List<Integer> answers = handshakes.stream().map((handshake) -> handshake.response().status()).toList();
			assertThat(answers).filteredOn((status) -> status == 101).hasSize(1);
			assertThat(answers).filteredOn((status) -> status == 429).hasSize(499);
			handshakes.forEach(ClientHandshake::close);
			await().until(() -> status(0, user) == 101);
		}
	}

	@Test
	@Order(Integer.MAX_VALUE)
	void placeOfAKilledGatewayIsFreeAfterItsLease() {
		try (ClientHandshake holder = upgrade(2, "ana")) {
			assertThat(holder.response().status()).isEqualTo(101);
			assertThat(status(0, "ana")).isEqualTo(429);
			gateways.get(2).kill();
			long killed = System.nanoTime();
			assertThat(status(0, "ana")).isEqualTo(429);
			await().pollInterval(Duration.ofMillis(100)).until(() -> {
				List<ClientHandshake> both = List.of(upgrade(0, "ana"), upgrade(1, "ana"));
				List<Integer> answers = both.stream().map((handshake) -> handshake.response().status()).toList();
				assertThat(answers).containsAnyOf(429);
				both.forEach(ClientHandshake::close);
				return answers.contains(101);
			});
			assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(LEASE.plusSeconds(10));
		}
	}

	private static int status(int gateway, String user) {
		try (ClientHandshake handshake = upgrade(gateway, user)) {
			return handshake.response().status();
		}
	}

	private static ClientHandshake upgrade(int gateway, String user) {
		return RawClient.to(ports.get(gateway)).path("/chat").header("X-User", user).start();
	}

}
