package dev.wspolicy.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Faults that users of others who share state in Redis have reported, tried with gateways
 * and sockets.
 */
class ReportedFaultsTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final Duration LEASE = Duration.ofSeconds(6);

	private final RedisProcess redis = RedisProcess.start();

	@AfterEach
	void stop() {
		this.redis.close();
	}

	/**
	 * spring-projects/spring-data-redis#3307, centrifugal/centrifugo#1189: a subscription
	 * was lost for good if the first attempt to connect again was refused.
	 */
	@Test
	void sessionsAreDisplacedAfterRedisHasBeenGone() {
		Map<String, Object> properties = Map.of("ws-policy.fleet.timeout", "1s", "ws-policy.fleet.lease", "1h",
				"ws-policy.pipelines.default.upgrade[0].session-limit.max", 1,
				"ws-policy.pipelines.default.upgrade[0].session-limit.scope", "principal",
				"ws-policy.pipelines.default.upgrade[0].session-limit.on-exceed", "close-oldest");
		try (FleetApplication one = FleetApplication.start("one", this.redis.port(), properties);
				FleetApplication two = FleetApplication.start("two", this.redis.port(), properties)) {
			this.redis.kill();
			await().until(() -> {
				// No calls are made in vain for long
				one.open("bob").close();
				return !one.bean(FleetCircuits.class).areClosed();
			});
			this.redis.restart();
			await().until(() -> one.bean(FleetCircuits.class).areClosed() && two.bean(FleetCircuits.class).areClosed());
			for (String gateway : List.of("one", "two")) {
				await().until(() -> this.redis.command("PUBSUB NUMSUB ws-policy:displaced:" + gateway).contains(":1"));
			}
			RawSession first = one.open("ana");
			await().until(() -> this.redis.command("KEYS ws-policy:places:*").contains("ana"));
			two.open("ana");
			assertThat(first.client().receiveFrame().closeCode()).isEqualTo(4409);
		}
	}

	/**
	 * spring-projects/spring-data-redis#2179: the thread that read answers waited for one
	 * when connections were validated.
	 */
	@Test
	void connectionsMayBeValidated() {
		Map<String, Object> properties = Map.of("ws-policy.pipelines.default.inbound[0].rate-limit.frames", 5,
				"ws-policy.pipelines.default.inbound[0].rate-limit.per", "1h",
				"ws-policy.pipelines.default.inbound[0].rate-limit.scope", "principal",
				"ws-policy.pipelines.default.inbound[0].rate-limit.on-exceed", "drop");
		try (FleetApplication one = FleetApplication.start("one", this.redis.port(), properties);
				FleetApplication two = FleetApplication.start("two", this.redis.port(), properties)) {
			for (FleetApplication gateway : List.of(one, two)) {
				gateway.bean(LettuceConnectionFactory.class).setValidateConnection(true);
			}
			RawSession first = one.open("ana");
			RawSession second = two.open("ana");
			for (int i = 0; i < 3; i++) {
				first.client().send(WireFrame.text("one " + i).masked());
				assertThat(first.upstream().receiveFrame().payloadAsText()).isEqualTo("one " + i);
			}
			for (int i = 0; i < 2; i++) {
				second.client().send(WireFrame.text("two " + i).masked());
				assertThat(second.upstream().receiveFrame().payloadAsText()).isEqualTo("two " + i);
			}
			assertThat(one.bean(FleetCircuits.class).areClosed()).isTrue();
			assertThat(two.bean(FleetCircuits.class).areClosed()).isTrue();
			assertThat(this.redis.command("KEYS ws-policy:rate:*")).contains("ana:messages");
		}
	}

	/**
	 * redis/lettuce#2905: all threads waited for a lock after something else had taken
	 * the port of Redis.
	 */
	@Test
	void somethingElseTakesThePortOfRedis() throws IOException {
		try (GatewaysUnderTraffic gateways = new GatewaysUnderTraffic(
				Map.of("spring.data.redis.port", this.redis.port(), "spring.data.redis.timeout", "1s",
						"spring.data.redis.connect-timeout", "1s"),
				Duration.ofSeconds(1), LEASE, List.of(this.redis))) {
			this.redis.kill();
			try (ServerSocket other = new ServerSocket(this.redis.port(), 50, InetAddress.getLoopbackAddress())) {
				other.setSoTimeout((int) TIMEOUT.toMillis());
				for (int i = 0; i < 6; i++) {
					other.accept();
				}
				gateways.openEach();
			}
			this.redis.restart();
			gateways.awaitShared(Duration.ofMinutes(1));
			gateways.assertUnharmed();
		}
	}

	/**
	 * A circuit that only calls could close stayed open, and the gateway degraded, while
	 * the sessions of that gateway asked Redis for nothing.
	 */
	@Test
	void circuitClosesWithoutCalls() {
		try (RedisGateway gateway = RedisGateway.impatient(this.redis.port(), "one", OnFailure.LOCAL)) {
			FleetCircuit circuit = gateway.awaitConnected().circuits().of(FleetUse.RATES);
			for (int i = 0; i < 20; i++) {
				circuit.call(() -> Mono.error(new IllegalStateException("no")), (failure) -> Mono.empty())
					.block(TIMEOUT);
			}
			assertThat(circuit.isClosed()).isFalse();
			await().until(circuit::isClosed);
		}
	}

	/**
	 * resilience4j/resilience4j#544 and #332: a half-open circuit breaker never closed
	 * after calls that it ignored, or that were cancelled.
	 */
	@Test
	void callsThatAreCancelledDoNotKeepACircuitOpen() {
		try (RedisGateway gateway = RedisGateway.impatient(this.redis.port(), "one", OnFailure.LOCAL)) {
			FleetCircuit circuit = gateway.awaitConnected().circuits().of(FleetUse.DIRECTORY);
			for (int i = 0; i < 20; i++) {
				circuit.call(() -> Mono.error(new IllegalStateException("no")), (failure) -> Mono.empty())
					.block(TIMEOUT);
			}
			assertThat(circuit.isClosed()).isFalse();
			for (int i = 0; i < 20; i++) {
				circuit.call(Mono::never, (failure) -> Mono.empty()).subscribe().dispose();
			}
			await().until(circuit::isClosed);
		}
	}

}
