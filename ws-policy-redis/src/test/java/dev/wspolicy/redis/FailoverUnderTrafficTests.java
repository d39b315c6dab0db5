package dev.wspolicy.redis;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two gateways under traffic whose Redis fails over to a replica.
 */
class FailoverUnderTrafficTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private static final Duration LEASE = Duration.ofSeconds(6);

	/** Less than if each message had to wait for each one before it. */
	private static final Duration BOUND = Duration.ofSeconds(10);

	@Test
	void sentinelPromotesTheReplica() {
		try (RedisSentinel redis = RedisSentinel.start();
				GatewaysUnderTraffic gateways = new GatewaysUnderTraffic(redis.properties(), TIMEOUT, LEASE,
						redis.servers())) {
			failOver(gateways, redis::failOver);
		}
	}

	@Test
	@Tag("soak")
	void clusterPromotesTheReplica() {
		try (RedisCluster redis = RedisCluster.startWithReplica();
				GatewaysUnderTraffic gateways = new GatewaysUnderTraffic(Map.of("spring.data.redis.cluster.nodes",
						redis.ports().stream().map((port) -> "127.0.0.1:" + port).collect(Collectors.joining(",")),
						"spring.data.redis.lettuce.cluster.refresh.adaptive", "true",
						"spring.data.redis.lettuce.cluster.refresh.period", "5s"), TIMEOUT, LEASE, redis.servers())) {
			for (int i = 0; i < 10; i++) {
				gateways.openEach();
			}
			gateways.awaitShared(Duration.ofMinutes(1));
			failOver(gateways, redis::failOver);
		}
	}

	private static void failOver(GatewaysUnderTraffic gateways, Runnable failOver) {
		gateways.traffic().awaitMessages(20);
		gateways.traffic().takeMaxDelay();
		failOver.run();
		assertThat(gateways.openEach()).isLessThan(BOUND);
		long start = System.nanoTime();
		gateways.awaitShared(Duration.ofMinutes(1));
		System.out.println(
				"shared again " + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms after the failover");
		Duration delay = gateways.traffic().takeMaxDelay();
		System.out.println("longest delay of a message: " + delay.toMillis() + " ms");
		assertThat(delay).isLessThan(BOUND);
		gateways.assertUnharmed();
	}

}
