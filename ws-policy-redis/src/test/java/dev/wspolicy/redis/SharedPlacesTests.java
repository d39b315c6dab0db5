package dev.wspolicy.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;

import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.Place;
import dev.wspolicy.fleet.PlaceRequest;
import dev.wspolicy.testkit.BlockingCallWatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The places of several gateways on one Redis.
 */
@ExtendWith(BlockingCallWatch.class)
class SharedPlacesTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final String KEY = "group/principal ana";

	private static final RedisProcess redis = RedisProcess.start();

	private final List<RedisGateway> gateways = new ArrayList<>();

	private final List<String> displaced = new CopyOnWriteArrayList<>();

	@BeforeEach
	void start() {
		for (String name : List.of("a", "b", "c")) {
			this.gateways.add(RedisGateway.on(redis, name));
		}
		this.gateways.get(0).redis().execute((connection) -> connection.serverCommands().flushAll()).blockLast();
	}

	@AfterEach
	void stop() {
		List<Boolean> closed = this.gateways.stream().map((gateway) -> gateway.circuit().isClosed()).toList();
		this.gateways.forEach(RedisGateway::close);
		assertThat(closed).containsOnly(true);
	}

	@AfterAll
	static void stopRedis() {
		redis.close();
	}

	@Test
	void gatewaysCountTogether() {
		Place first = taken("a", refusing(2));
		taken("b", refusing(2));
		assertThat(take("a", refusing(2))).isNull();
		assertThat(take("b", refusing(2))).isNull();
		assertThat(take("c", refusing(2))).isNull();
		first.release();
		await().until(() -> take("c", refusing(2)), Objects::nonNull);
		assertThat(take("a", refusing(2))).isNull();
	}

	@Test
	void oneOfManyAtOnceGetsThePlace() {
		for (int round = 0; round < 20; round++) {
			int max = 1 + round % 3;
			List<Place> granted = Flux.range(0, 300)
				.flatMap((number) -> this.gateways.get(number % 3).places().take(refusing(max)), 300)
				.collectList()
				.block(TIMEOUT);
			assertThat(granted).hasSize(max);
			Objects.requireNonNull(granted).forEach(Place::release);
			await().until(() -> this.gateways.stream().allMatch((gateway) -> gateway.places().size() == 0));
		}
	}

	@Test
	void newestSessionDisplacesTheOldestOnAnotherGateway() {
		taken("a", closing(3, "1"));
		taken("b", closing(3, "2"));
		taken("a", closing(3, "3"));
		taken("c", closing(3, "4"));
		awaitDisplaced("1");
		taken("c", closing(3, "5"));
		awaitDisplaced("1", "2");
		taken("b", closing(3, "6"));
		awaitDisplaced("1", "2", "3");
		taken("b", closing(3, "7"));
		awaitDisplaced("1", "2", "3", "4");
		assertThat(take("a", refusing(3))).isNull();
	}

	@Test
	void sessionThatFailsToCloseDoesNotKeepOthersOpen() {
		taken("a", new PlaceRequest(KEY, 3, OnExceed.CLOSE_OLDEST, () -> {
			throw new StackOverflowError();
		}));
		taken("a", closing(3, "2"));
		taken("a", closing(3, "3"));
		taken("a", closing(1, "4"));
		awaitDisplaced("2", "3");
	}

	@Test
	void displacementsUnderLoadLeaveTheNewest() {
		List<Place> granted = Flux.range(0, 300)
			.flatMap((number) -> this.gateways.get(number % 3).places().take(closing(4, "" + number)), 100)
			.collectList()
			.block(TIMEOUT);
		assertThat(granted).hasSize(300);
		await().untilAsserted(() -> assertThat(this.displaced).hasSize(296).doesNotHaveDuplicates());
		assertThat(take("a", refusing(4))).isNull();
		Objects.requireNonNull(granted).get(299).release();
		Objects.requireNonNull(granted).forEach(Place::release);
		await().untilAsserted(() -> assertThat(keys()).isEmpty());
	}

	@Test
	void displacementIsToldAgainIfItsMessageIsLost() {
		renewLeases();
		taken("a", closing(1, "1"));
		ask("d", 0, closing(1, "2"));
		awaitDisplaced("1");
	}

	@Test
	void foreignMessageDoesNotEndTheListening() {
		String foreign = "PUBLISH ws-policy:displaced:a x";
		await().until(() -> redis.command(foreign).equals(":1\n"));
		taken("a", closing(1, "1"));
		taken("b", closing(1, "2"));
		awaitDisplaced("1");
		assertThat(redis.command(foreign)).isEqualTo(":1\n");
	}

	@Test
	void sessionThatHasEndedIsDisplacedInPlaceOfNoOther() {
		Place first = taken("a", closing(2, "1"));
		taken("a", closing(2, "2"));
		ask("d", 0, closing(2, "3"));
		// Before its gateway is told.
		first.release();
		awaitDisplaced();
		assertThat(take("a", refusing(2))).isNull();
		assertThat(take("b", refusing(2))).isNull();
	}

	@Test
	void displacementOfAnEndedSessionIsForgotten() {
		Place first = taken("a", closing(1, "1"));
		ask("d", 0, closing(1, "2"));
		first.release();
		awaitDisplaced();
		ask("d", 0);
		taken("a", closing(1, "3"));
		awaitDisplaced();
		taken("b", closing(1, "4"));
		awaitDisplaced("3");
	}

	@Test
	void displacementsOfAFormerProcessAreForgotten() {
		taken("a", closing(2, "1"));
		taken("a", closing(2, "2"));
		taken("b", closing(2, "3"));
		awaitDisplaced("1");
		gateway("a").close();
		this.gateways.set(0, RedisGateway.on(redis, "a"));
		taken("a", closing(2, "4"));
		awaitDisplaced("1");
		assertThat(take("c", refusing(2))).isNull();
	}

	@Test
	void newSessionsDoNotDisplaceEachOther() {
		renewLeases();
		taken("b", closing(2, "1"));
		// A session that is older, and two that open at the same time.
		assertThat(ask("d", 1, closing(2, "2"), closing(2, "3")).displaced()).isOne();
		awaitDisplaced("1");
	}

	/** Asks as another gateway, whose messages nobody listens to. */
	private PlacesScript.Answer ask(String name, int count, PlaceRequest... wanted) {
		PlacesScript script = new PlacesScript(gateway("b").redis(), gateway("b").properties().keyPrefix(), "nowhere:",
				name, RedisGateway.LEASE);
		return Objects.requireNonNull(
				script.run(KEY, new PlacesScript.Question(count, 0, count, "", List.of(wanted))).block(TIMEOUT));
	}

	@Test
	void placesOfAGatewayThatDiesAreFreeAfterItsLease() {
		renewLeases();
		taken("b", refusing(2));
		taken("a", refusing(2));
		gateway("a").close();
		long killed = System.nanoTime();
		assertThat(take("c", refusing(2))).isNull();
		await().until(() -> take("c", refusing(2)), Objects::nonNull);
		assertThat(Duration.ofNanos(System.nanoTime() - killed))
			.isLessThan(RedisGateway.SHORT_LEASE.plus(Duration.ofSeconds(20)));
		// Those of the others are renewed.
		assertThat(take("c", refusing(2))).isNull();
		this.gateways.remove(0);
	}

	@Test
	void nothingStaysInRedis() {
		Place a = taken("a", refusing(2));
		Place b = taken("b", refusing(2));
		assertThat(keys()).containsExactly("ws-policy:places:" + KEY);
		a.release();
		b.release();
		await().untilAsserted(() -> assertThat(keys()).isEmpty());
	}

	@Test
	void countsAreRepairedIfRedisForgetsThem() {
		renewLeases();
		Place place = taken("a", refusing(1));
		this.gateways.get(0).redis().execute((connection) -> connection.serverCommands().flushAll()).blockLast();
		await().pollInSameThread().until(() -> !keys().isEmpty());
		assertThat(take("b", refusing(1))).isNull();
		place.release();
		await().until(() -> take("b", refusing(1)), Objects::nonNull);
	}

	/** Gives all gateways a lease that ends, and that they renew meanwhile. */
	private void renewLeases() {
		this.gateways.forEach(RedisGateway::close);
		this.gateways
			.replaceAll((gateway) -> RedisGateway.on(redis, gateway.properties().gateway(), RedisGateway.SHORT_LEASE));
	}

	private List<String> keys() {
		return Objects.requireNonNull(gateway("c").redis().keys("*").collectList().block(TIMEOUT));
	}

	private void awaitDisplaced(String... names) {
		await().untilAsserted(() -> assertThat(this.displaced).containsExactly(names));
		// The gateway that has been told has also said so.
		await().until(() -> this.gateways.stream().noneMatch((gateway) -> gateway.places().isAsking()));
	}

	private RedisGateway gateway(String name) {
		return this.gateways.get("abc".indexOf(name));
	}

	private @Nullable Place take(String gateway, PlaceRequest request) {
		return gateway(gateway).places().take(request).block(TIMEOUT);
	}

	private Place taken(String gateway, PlaceRequest request) {
		return Objects.requireNonNull(take(gateway, request), "there is no place");
	}

	private static PlaceRequest refusing(int max) {
		return new PlaceRequest(KEY, max, OnExceed.REFUSE, () -> {
			throw new AssertionError("Displaced without being asked for");
		});
	}

	private PlaceRequest closing(int max, String name) {
		return new PlaceRequest(KEY, max, OnExceed.CLOSE_OLDEST, () -> this.displaced.add(name));
	}

}
