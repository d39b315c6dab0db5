package dev.wspolicy.fleet;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What every implementation of {@link RateStore} does.
 */
public abstract class RateStoreContractTests {

	private static final Duration HOUR = Duration.ofHours(1);

	private static final Duration SECOND = Duration.ofSeconds(1);

	/** Returns a store whose allowances are full. */
	protected abstract RateStore store(Rates rates);

	@Test
	void burstPassesAtOnce() {
		RateStore store = store(new Rates(5, 20, 0, 0, HOUR, 1));
		assertThat(granted(store, "ada", 30, 1)).isEqualTo(20);
		assertThat(granted(store, "ada", 5, 1)).isZero();
	}

	@Test
	void keysHaveSeparateAllowances() {
		RateStore store = store(new Rates(1, 1, 0, 0, HOUR, 1));
		assertThat(granted(store, "ada", 2, 1)).isEqualTo(1);
		assertThat(granted(store, "bob", 2, 1)).isEqualTo(1);
	}

	@Test
	void storesOfOtherRatesHaveSeparateAllowances() {
		assertThat(granted(store(new Rates(1, 1, 0, 0, HOUR, 1)), "ada", 2, 1)).isEqualTo(1);
		assertThat(granted(store(new Rates(2, 2, 0, 0, HOUR, 1)), "ada", 3, 1)).isEqualTo(2);
	}

	@Test
	void allowanceRefills() {
		RateStore store = store(new Rates(10, 1, 0, 0, SECOND, 1));
		assertThat(granted(store, "ada", 1, 1)).isEqualTo(1);
		await().until(() -> granted(store, "ada", 1, 1) == 1);
	}

	@Test
	void bytesAreLimited() {
		RateStore store = store(new Rates(0, 0, 100, 100, HOUR, 1));
		assertThat(granted(store, "ada", 1, 60)).isEqualTo(1);
		assertThat(granted(store, "ada", 1, 41)).isZero();
		assertThat(granted(store, "ada", 1, 40)).isEqualTo(1);
		assertThat(granted(store, "ada", 5, 0)).isEqualTo(5);
	}

	@Test
	void messageThatIsTooLongTakesNothing() {
		RateStore store = store(new Rates(2, 2, 100, 100, HOUR, 1));
		assertThat(granted(store, "ada", 20, 101)).isZero();
		assertThat(granted(store, "ada", 3, 1)).isEqualTo(2);
	}

	@Test
	void throttledMessagesAreDelayed() {
		RateStore store = store(new Rates(2, 2, 0, 0, HOUR, 1));
		Duration maxWait = Duration.ofHours(2);
		assertThat(delay(store, 1, maxWait)).isZero();
		assertThat(delay(store, 1, maxWait)).isZero();
		assertThat(delay(store, 1, maxWait)).isBetween(Duration.ofMinutes(29), Duration.ofMinutes(30));
		assertThat(delay(store, 1, maxWait)).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(60));
	}

	@Test
	void delayIsLimitedAndTheDebtForgiven() {
		RateStore store = store(new Rates(0, 0, 3600, 10, HOUR, 1));
		assertThat(delay(store, 1_000_000, Duration.ofSeconds(2))).isEqualTo(Duration.ofSeconds(2));
		// The debt is two seconds, whatever was taken.
		Duration next = delay(store, 1, Duration.ofMinutes(1));
		assertThat(next).isBetween(Duration.ZERO, Duration.ofSeconds(4));
	}

	@Test
	void longerOfTwoDelaysCounts() {
		RateStore store = store(new Rates(1, 1, 60, 60, HOUR, 1));
		assertThat(delay(store, 60, HOUR)).isZero();
		assertThat(delay(store, 1, Duration.ofHours(2))).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(60));
	}

	private static long granted(RateStore store, String key, int times, int bytes) {
		return IntStream.range(0, times)
			.mapToObj((number) -> settle(store.take(key, bytes, Duration.ZERO)))
			.filter(RateStore.Granted.INSTANCE::equals)
			.count();
	}

	private static Duration delay(RateStore store, int bytes, Duration maxWait) {
		RateStore.Answer answer = settle(store.take("ada", bytes, maxWait));
		return (answer instanceof RateStore.After after) ? after.time() : Duration.ZERO;
	}

	/**
	 * Waits for the answer.
	 * @param answer the answer, which may come later
	 * @return the answer
	 */
	protected static RateStore.Answer settle(RateStore.Answer answer) {
		return (answer instanceof RateStore.Later later)
				? settle(later.answer().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join()) : answer;
	}

}
