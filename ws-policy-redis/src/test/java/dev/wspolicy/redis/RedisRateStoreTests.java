package dev.wspolicy.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.RateStoreContractTests;
import dev.wspolicy.fleet.Rates;
import dev.wspolicy.testkit.BlockingCallWatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The allowances of gateways in Redis.
 */
@ExtendWith(BlockingCallWatch.class)
class RedisRateStoreTests extends RateStoreContractTests {

	private static final RedisProcess redis = RedisProcess.start();

	private final List<RedisGateway> gateways = new ArrayList<>();

	@BeforeEach
	void start() {
		for (String name : List.of("a", "b", "c")) {
			this.gateways.add(RedisGateway.on(redis, name));
		}
		gateway().redis().execute((connection) -> connection.serverCommands().flushAll()).blockLast();
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

	@Override
	protected RateStore store(Rates rates) {
		return gateway().rates("limit", rates);
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 10 })
	void gatewaysShareTheBurst(long lot) {
		Rates rates = new Rates(1, 100, 0, 0, Duration.ofHours(1), lot);
		assertThat(grantedAtOnce(stores("limit", rates), 300)).isEqualTo(100);
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 5 })
	void gatewaysShareTheRate(long lot) {
		// The burst is so high that no token is lost while this machine is busy.
		List<RateStore> stores = stores("limit", new Rates(150, 3000, 0, 0, Duration.ofSeconds(1), lot));
		Emptying first = empty(stores, 0);
		Emptying second = empty(stores, 3);
		double least = 150 * (second.begin() - first.end()) / 1e9;
		double most = 150 * (second.end() - first.begin()) / 1e9;
		assertThat((double) second.granted()).isBetween(least * 0.95, most * 1.02 + 3 * lot);
	}

	/** Takes what there is, for some seconds and until nothing is left. */
	private static Emptying empty(List<RateStore> stores, int seconds) {
		long start = System.nanoTime();
		long all = 0;
		for (;;) {
			long begin = System.nanoTime();
			long granted = grantedAtOnce(stores, 300);
			all += granted;
			if (granted < 300 && begin - start >= TimeUnit.SECONDS.toNanos(seconds)) {
				return new Emptying(all, begin, System.nanoTime());
			}
		}
	}

	@Test
	void messagesBehindOneThatWasNotAnsweredDoNotWait() {
		try (RedisProcess silent = RedisProcess.start();
				RedisGateway impatient = RedisGateway.impatient(silent.port(), "d", OnFailure.LOCAL)) {
			RateStore store = impatient.rates("limit", new Rates(100, 100, 0, 0, Duration.ofSeconds(1), 1));
			await().until(() -> settle(store.take("ada", 1, Duration.ZERO)) == RateStore.Answer.granted());
			silent.pause();
			assertThat(settle(store.take("ada", 1, Duration.ZERO))).isEqualTo(RateStore.Answer.alone());
			for (int i = 0; i < 30; i++) {
				assertThat(store.take("ada", 1, Duration.ZERO)).isEqualTo(RateStore.Answer.alone());
			}
			silent.resume();
			await().until(() -> store.take("ada", 1, Duration.ZERO) instanceof RateStore.Later);
		}
	}

	/** Nor if Redis has answered meanwhile, since it may fail again. */
	@Test
	void messagesBehindOneThatHasFailedDoNotWait() {
		RateStore store = store(rates(1));
		String key = "ws-policy:rate:limit:1-200-0-0-PT1H:ada:messages";
		redis.command("LPUSH \"" + key + "\" other");
		assertThat(settle(store.take("ada", 1, Duration.ZERO))).isEqualTo(RateStore.Answer.alone());
		redis.command("DEL \"" + key + "\"");
		for (int i = 0; i < 3; i++) {
			assertThat(store.take("ada", 1, Duration.ZERO)).isEqualTo(RateStore.Answer.alone());
			await().until(() -> redis.command("EXISTS \"" + key + "\"").equals(":1\n"));
			assertThat(settle(gateway().rates("limit", rates(1)).take("ada", 1, Duration.ZERO)))
				.isEqualTo(RateStore.Answer.granted());
		}
	}

	@Test
	void lotsSaveCommands() {
		long singles = commands(() -> grantedInTurn(gateway().rates("singles", rates(1)), 100));
		long lots = commands(() -> grantedInTurn(gateway().rates("lots", rates(10)), 100));
		assertThat(singles).isGreaterThanOrEqualTo(200);
		assertThat(lots).isLessThan(singles / 5);
	}

	private static void grantedInTurn(RateStore store, int times) {
		for (int i = 0; i < times; i++) {
			assertThat(settle(store.take("ada", 1, Duration.ZERO))).isEqualTo(RateStore.Answer.granted());
		}
	}

	private static Rates rates(long lot) {
		return new Rates(1, 200, 0, 0, Duration.ofHours(1), lot);
	}

	private long commands(Runnable task) {
		long before = commands();
		task.run();
		return commands() - before;
	}

	private long commands() {
		return Long.parseLong(
				Objects
					.requireNonNull(gateway().redis()
						.execute((connection) -> connection.serverCommands().info("stats"))
						.blockLast(Duration.ofSeconds(30)))
					.getProperty("total_commands_processed"));
	}

	@Test
	void keyOfAnotherTypeIsReplaced() {
		RateStore store = store(new Rates(5, 5, 0, 0, Duration.ofHours(1), 1));
		String key = gateway().properties().keyPrefix() + "rate:limit:5-5-0-0-PT1H:key:messages";
		redis.command("LPUSH " + key + " foreign");
		await().until(() -> {
			store.take("key", 1, Duration.ZERO);
			return redis.command("TYPE " + key).equals("+string\n");
		});
	}

	@Test
	void namesHaveSeparateAllowances() {
		Rates rates = new Rates(1, 5, 0, 0, Duration.ofHours(1), 1);
		assertThat(grantedAtOnce(stores("one", rates), 30)).isEqualTo(5);
		assertThat(grantedAtOnce(stores("other", rates), 30)).isEqualTo(5);
	}

	@Test
	void keysExpireOnceTheBucketIsFull() {
		settle(store(new Rates(1, 60, 0, 0, Duration.ofSeconds(1), 1)).take("principal ada", 1, Duration.ZERO));
		String key = "ws-policy:rate:limit:1-60-0-0-PT1S:principal ada:messages";
		assertThat(gateway().redis().keys("*").collectList().block()).containsExactly(key);
		assertThat(gateway().redis().getExpire(key).block()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(20));
	}

	@Test
	void redisIsGone() {
		RedisProcess own = RedisProcess.start();
		try (RedisGateway local = RedisGateway.impatient(own.port(), "local", OnFailure.LOCAL);
				RedisGateway refusing = RedisGateway.impatient(own.port(), "refusing", OnFailure.REFUSE)) {
			RateStore alone = local.rates("limit", rates(1));
			RateStore refused = refusing.rates("limit", rates(1));
			await().until(() -> settle(alone.take("ada", 1, Duration.ZERO)) == RateStore.Answer.granted());
			own.pause();
			for (int i = 0; i < 10; i++) {
				long begin = System.nanoTime();
				assertThat(settle(alone.take("ada", 1, Duration.ZERO))).isEqualTo(RateStore.Answer.alone());
				assertThat(settle(refused.take("ada", 1, Duration.ZERO))).isEqualTo(RateStore.Answer.refused());
				assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
			}
			own.resume();
			await().until(() -> settle(alone.take("ada", 1, Duration.ZERO)) == RateStore.Answer.granted());
			await().until(() -> settle(refused.take("ada", 1, Duration.ZERO)) == RateStore.Answer.granted());
		}
		finally {
			own.resume();
			own.close();
		}
	}

	private RedisGateway gateway() {
		return this.gateways.get(0);
	}

	private List<RateStore> stores(String name, Rates rates) {
		return this.gateways.stream().map((gateway) -> gateway.rates(name, rates)).toList();
	}

	private static long grantedAtOnce(List<RateStore> stores, int times) {
		return IntStream.range(0, times)
			.mapToObj((number) -> stores.get(number % stores.size()).take("ada", 1, Duration.ZERO))
			.toList()
			.stream()
			.map(RateStoreContractTests::settle)
			.filter(RateStore.Granted.INSTANCE::equals)
			.count();
	}

	/**
	 * What was granted until nothing was left.
	 *
	 * @param granted how much
	 * @param begin nothing was left after this
	 * @param end and before this
	 */
	private record Emptying(long granted, long begin, long end) {

	}

}
