package dev.wspolicy.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

import io.lettuce.core.cluster.SlotHash;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.data.redis.connection.RedisClusterConfiguration;

import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.Place;
import dev.wspolicy.fleet.PlaceRequest;
import dev.wspolicy.fleet.SessionPlaces;
import dev.wspolicy.fleet.SessionPlacesContractTests;
import dev.wspolicy.testkit.BlockingCallWatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The places of gateways on a Redis Cluster of three nodes.
 */
@ExtendWith(BlockingCallWatch.class)
class RedisClusterPlacesTests extends SessionPlacesContractTests {

	private static final RedisCluster cluster = RedisCluster.start();

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private RedisGateway gateway;

	@BeforeEach
	void start() {
		this.gateway = RedisGateway.on(nodes(), "a", OnFailure.LOCAL);
		this.gateway.redis().execute((connection) -> connection.serverCommands().flushAll()).retry(3).blockLast();
	}

	@AfterEach
	void stop() {
		boolean closed = this.gateway.circuit().isClosed();
		this.gateway.close();
		assertThat(closed).isTrue();
	}

	@AfterAll
	static void stopRedis() {
		cluster.close();
	}

	@Test
	void keysAreOnAllNodesAndCountedByAllGateways() {
		List<Place> places = new ArrayList<>();
		try (RedisGateway other = RedisGateway.on(nodes(), "b", OnFailure.LOCAL)) {
			for (int i = 0; i < 60; i++) {
				PlaceRequest request = new PlaceRequest("principal " + i, 1, OnExceed.REFUSE, () -> {
				});
				places.add(places().take(request).block(TIMEOUT));
				assertThat(other.places().take(request).block(TIMEOUT)).isNull();
			}
			assertThat(keys()).hasSize(60);
			assertThat(keys()).extracting((key) -> SlotHash.getSlot(key) * 3 / SlotHash.SLOT_COUNT).contains(0, 1, 2);
			places.forEach(Place::release);
			await().untilAsserted(() -> assertThat(keys()).isEmpty());
		}
	}

	@Test
	void oldestSessionOnAnotherGatewayIsDisplaced() {
		try (RedisGateway other = RedisGateway.on(nodes(), "b", OnFailure.LOCAL)) {
			List<Integer> displaced = new CopyOnWriteArrayList<>();
			for (int i = 0; i < 30; i++) {
				int number = i;
				places().take(new PlaceRequest("principal " + i, 1, OnExceed.CLOSE_OLDEST, () -> displaced.add(number)))
					.block(TIMEOUT);
				other.places().take(new PlaceRequest("principal " + i, 1, OnExceed.CLOSE_OLDEST, () -> {
				})).block(TIMEOUT);
			}
			await().untilAsserted(() -> assertThat(displaced).hasSize(30).doesNotHaveDuplicates());
		}
	}

	private List<String> keys() {
		return Objects.requireNonNull(this.gateway.redis().keys("*").collectList().block(TIMEOUT));
	}

	private static RedisClusterConfiguration nodes() {
		return new RedisClusterConfiguration(cluster.ports().stream().map((port) -> "127.0.0.1:" + port).toList());
	}

	@Override
	protected SessionPlaces places() {
		return this.gateway.places();
	}

	@Override
	protected int rounds() {
		return 100;
	}

}
