package dev.wspolicy.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.Place;
import dev.wspolicy.fleet.PlaceRequest;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.Rates;
import dev.wspolicy.testkit.BlockingCallWatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

/**
 * The places of two gateways whose Redis is stopped, paused, slow or restarted empty.
 */
@ExtendWith({ BlockingCallWatch.class, OutputCaptureExtension.class })
class RedisOutageTests {

	private static final Duration TIMEOUT = Duration.ofMinutes(1);

	/**
	 * The longest that a request may take: many times the timeout, for a busy machine,
	 * but less than a client of Redis waits.
	 */
	private static final Duration BOUND = Duration.ofSeconds(10);

	private static final String KEY = "group/principal ana";

	private final RedisProcess redis = RedisProcess.start();

	private final List<RedisGateway> gateways = new ArrayList<>();

	@AfterEach
	void stop() {
		this.redis.resume();
		this.gateways.forEach(RedisGateway::close);
		this.redis.close();
	}

	@Test
	void pausedRedis(CapturedOutput output) {
		RedisGateway a = start("a", OnFailure.LOCAL);
		RedisGateway b = start("b", OnFailure.LOCAL);
		Place first = taken(a, 2);
		this.redis.pause();
		Place second = taken(a, 2);
		assertThat(take(a, 2)).isNull();
		Place third = taken(b, 2);
		for (int i = 0; i < 20; i++) {
			assertThat(take(a, 2)).isNull();
		}
		assertThat(a.circuit().isClosed()).isFalse();
		first.release();
		this.redis.resume();
		awaitCounts(Map.of("a", 1, "b", 1));
		awaitRefused(a, 2);
		second.release();
		third.release();
		awaitCounts(Map.of());
		assertThat(output.toString().split("acts alone", -1)).hasSizeBetween(2, 6);
	}

	@Test
	void lateFailuresOfRatesAreNotLogged(CapturedOutput output) {
		RedisGateway a = start("a", OnFailure.LOCAL);
		RateStore rates = a.rates("limit", new Rates(100, 100, 0, 0, Duration.ofSeconds(1), 1));
		await().until(() -> answer(rates) == RateStore.Answer.granted());
		this.redis.pause();
		for (int i = 0; i < 5; i++) {
			assertThat(answer(rates)).isEqualTo(RateStore.Answer.alone());
		}
		this.redis.kill();
		this.redis.restart();
		await().until(() -> answer(rates) == RateStore.Answer.granted());
		assertThat(output.getAll()).doesNotContain("onErrorDropped");
	}

	private static RateStore.Answer answer(RateStore rates) {
		RateStore.Answer answer = rates.take("key", 1, Duration.ZERO);
		return (answer instanceof RateStore.Later later) ? later.answer().toCompletableFuture().join() : answer;
	}

	@Test
	void restartedEmpty(CapturedOutput output) {
		RedisGateway a = start("a", OnFailure.LOCAL);
		RedisGateway b = start("b", OnFailure.LOCAL);
		taken(a, 1);
		this.redis.kill();
		Place local = taken(b, 1);
		for (int i = 0; i < 20; i++) {
			assertThat(take(a, 1)).isNull();
			assertThat(take(b, 1)).isNull();
		}
		this.redis.restart();
		// No session is closed because there are too many now.
		awaitCounts(Map.of("a", 1, "b", 1));
		assertThat(take(b, 1)).isNull();
		local.release();
		awaitCounts(Map.of("a", 1));
		awaitRefused(b, 1);
		assertThat(output).contains("acts alone");
		await().untilAsserted(() -> assertThat(output).contains("acts with the others"));
	}

	@Test
	void restartedEmptyWithoutTraffic() {
		RedisGateway a = start("a", OnFailure.LOCAL);
		taken(a, 1);
		this.redis.kill();
		this.redis.restart();
		awaitCounts(Map.of("a", 1));
	}

	@Test
	void slowRedisStillCounts() {
		try (RedisLink link = RedisLink.to(this.redis.port()).delay(Duration.ofMillis(50))) {
			for (String name : List.of("a", "b")) {
				this.gateways.add(RedisGateway.on(new RedisStandaloneConfiguration("127.0.0.1", link.port()), name,
						OnFailure.LOCAL));
			}
			for (int round = 0; round < 5; round++) {
				List<Place> granted = Objects.requireNonNull(Flux.range(0, 100)
					.flatMap((number) -> Mono.delay(Duration.ofMillis(2 * number))
						.then(this.gateways.get(number % 2)
							.places()
							.take(new PlaceRequest(KEY, 1, OnExceed.REFUSE, () -> {
							}))), 100)
					.collectList()
					.block(TIMEOUT));
				assertThat(granted).as("round " + round).hasSize(1);
				granted.forEach(Place::release);
				await().until(() -> this.gateways.stream().allMatch((gateway) -> gateway.places().keys() == 0));
			}
			assertThat(this.gateways).allMatch((gateway) -> gateway.circuit().isClosed());
		}
	}

	@Test
	void refusesWhileRedisIsGone() {
		RedisGateway a = start("a", OnFailure.REFUSE);
		Place place = awaitTaken(a, 2);
		this.redis.kill();
		for (int i = 0; i < 20; i++) {
			assertThat(take(a, 2)).isNull();
		}
		place.release();
		this.redis.restart();
		awaitTaken(a, 2);
		awaitTaken(a, 2);
		assertThat(take(a, 2)).isNull();
	}

	/** Whoever is refused may ask again on the thread that has told so. */
	@Test
	void whoIsRefusedMayAskAgainAtOnce() {
		RedisGateway a = RedisGateway.refusing(this.redis, "a");
		this.gateways.add(a);
		for (int i = 0; i < 20; i++) {
			a.circuit().call(() -> Mono.error(new IllegalStateException("no")), (failure) -> Mono.empty()).block();
		}
		Mono<Place> place = a.places().take(new PlaceRequest(KEY, 1, OnExceed.REFUSE, () -> {
		}));
		Mono<Place> twice = place.switchIfEmpty(place).subscribeOn(Schedulers.boundedElastic());
		assertThatNoException().isThrownBy(() -> twice.blockOptional(BOUND));
	}

	@Test
	void sessionsThatEndWhileRedisIsGoneLeaveNothing() {
		RedisGateway a = start("a", OnFailure.LOCAL);
		List<Place> places = new ArrayList<>();
		this.redis.kill();
		for (int i = 0; i < 50; i++) {
			String key = "principal " + i;
			places.add(Objects.requireNonNull(a.places().take(new PlaceRequest(key, 1, OnExceed.REFUSE, () -> {
			})).block(TIMEOUT)));
		}
		assertThat(a.places().size()).isEqualTo(50);
		places.forEach(Place::release);
		// Those that Redis may know of are kept until its lease has ended.
		await().until(() -> a.places().keys() == 0);
	}

	@Test
	void gatewayStartsWithoutRedis() {
		this.redis.kill();
		RedisGateway a = start("a", OnFailure.LOCAL);
		taken(a, 1);
		assertThat(take(a, 1)).isNull();
		this.redis.restart();
		awaitCounts(Map.of("a", 1));
		assertThat(a.circuit().isClosed()).isTrue();
	}

	private RedisGateway start(String name, OnFailure onFailure) {
		RedisGateway gateway = RedisGateway.impatient(this.redis.port(), name, onFailure);
		this.gateways.add(gateway);
		return gateway;
	}

	/** Waits until Redis has these numbers of places of the key. */
	private void awaitCounts(Map<String, Integer> counts) {
		await().ignoreExceptions().untilAsserted(() -> {
			Map<String, String> hash = this.gateways.get(0)
				.redis()
				.<String, String>opsForHash()
				.entries("ws-policy:places:" + KEY)
				.collectMap(Map.Entry::getKey, (entry) -> entry.getValue().split(" ")[0])
				.block(TIMEOUT);
			assertThat(hash).isEqualTo(counts.entrySet()
				.stream()
				.collect(Collectors.toMap(Map.Entry::getKey, (entry) -> "" + entry.getValue())));
		});
	}

	private static @Nullable Place take(RedisGateway gateway, int max) {
		long begin = System.nanoTime();
		Place place = gateway.places().take(new PlaceRequest(KEY, max, OnExceed.REFUSE, () -> {
		})).block(TIMEOUT);
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(BOUND);
		return place;
	}

	/**
	 * Waits until Redis has refused a place, instead of this gateway granting it alone.
	 */
	private static void awaitRefused(RedisGateway gateway, int max) {
		await().until(() -> {
			Place place = take(gateway, max);
			if (place != null) {
				place.release();
			}
			return place == null;
		});
	}

	private static Place awaitTaken(RedisGateway gateway, int max) {
		return await().until(() -> take(gateway, max), Objects::nonNull);
	}

	private static Place taken(RedisGateway gateway, int max) {
		return Objects.requireNonNull(take(gateway, max), "there is no place");
	}

}
