package dev.wspolicy.redis;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.RateStore.Answer;
import dev.wspolicy.fleet.Rates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A rate that two gateways share whose clocks differ.
 */
class SkewedClocksTests {

	private static final int BURST = 10;

	/** One message every two seconds. */
	private static final Rates RATES = new Rates(BURST, BURST, 0, 0, Duration.ofSeconds(2 * BURST), 1);

	private final RedisProcess redis = RedisProcess.start();

	private final RedisGateway slow = RedisGateway.ahead(this.redis, "slow", Duration.ofSeconds(-30));

	private final RedisGateway fast = RedisGateway.ahead(this.redis, "fast", Duration.ofSeconds(30));

	@AfterEach
	void stop() {
		this.slow.close();
		this.fast.close();
		this.redis.close();
	}

	@Test
	void theFastGatewayGrantsNoMore() {
		long begin = System.nanoTime();
		int granted = drain(this.slow) + drain(this.fast);
		long refilled = Duration.ofNanos(System.nanoTime() - begin).toSeconds() / 2;
		assertThat(granted).isBetween(BURST, (int) (BURST + refilled + 1));
	}

	@Test
	void theSlowGatewayGrantsNoLess() {
		drain(this.fast);
		RateStore rates = this.slow.rates("limit", RATES);
		// Until the clock of the slow one had reached that of the fast one
		await().atMost(Duration.ofSeconds(20)).until(() -> isGranted(rates, Duration.ZERO));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void eachThrottlesTheSame(boolean fastFirst) {
		RedisGateway first = fastFirst ? this.fast : this.slow;
		RedisGateway second = fastFirst ? this.slow : this.fast;
		drain(first);
		Answer answer = take(second.rates("limit", RATES), Duration.ofMinutes(10));
		assertThat(answer).isInstanceOfSatisfying(RateStore.After.class,
				(after) -> assertThat(after.time()).isLessThanOrEqualTo(Duration.ofSeconds(2)));
	}

	private static int drain(RedisGateway gateway) {
		RateStore rates = gateway.rates("limit", RATES);
		int granted = 0;
		while (isGranted(rates, Duration.ZERO)) {
			granted++;
		}
		return granted;
	}

	private static boolean isGranted(RateStore rates, Duration maxWait) {
		return take(rates, maxWait).equals(Answer.granted());
	}

	private static Answer take(RateStore rates, Duration maxWait) {
		Answer answer = rates.take("ana", 1, maxWait);
		return (answer instanceof RateStore.Later later) ? later.answer().toCompletableFuture().join() : answer;
	}

}
