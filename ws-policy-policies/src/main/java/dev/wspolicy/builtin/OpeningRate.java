package dev.wspolicy.builtin;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.util.ClassUtils;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.Rates;
import dev.wspolicy.policy.UpgradeVerdict;

/**
 * Limits how many sessions open per second. Clients that are refused get different values
 * of {@code Retry-After}, so that those that were refused together do not come back
 * together.
 */
final class OpeningRate {

	private static final String BUCKET4J = "io.github.bucket4j.Bucket";

	private static final String CAFFEINE = "com.github.benmanes.caffeine.cache.Caffeine";

	/** The allowances of this gateway alone. */
	private final Bucket4jRateStore own;

	private final RateStore store;

	private final HttpStatusCode status;

	/** In seconds. */
	private final long retryAfter;

	/**
	 * Creates a limit.
	 * @param own the allowances of this gateway alone
	 * @param store the allowances that count while the store answers
	 * @param status the status of a refusal
	 * @param retryAfter the shortest value of {@code Retry-After} in seconds; the longest
	 * is twice as long
	 */
	OpeningRate(Bucket4jRateStore own, RateStore store, HttpStatusCode status, long retryAfter) {
		this.own = own;
		this.store = store;
		this.status = status;
		this.retryAfter = Math.min(retryAfter, Integer.MAX_VALUE);
	}

	/**
	 * Creates a limit from settings.
	 * @param settings the settings
	 * @param shared creates the store for the allowances, or {@code null} to keep them in
	 * the memory of this gateway
	 * @param status the status of a refusal
	 * @param retryAfter the shortest value of {@code Retry-After} in seconds
	 * @return the limit, or {@code null} if the settings have none
	 */
	static @Nullable OpeningRate of(SessionLimitPolicy.Settings settings, RateStore.@Nullable Factory shared,
			HttpStatusCode status, long retryAfter) {
		Long rate = settings.openingRate();
		Long burst = settings.openingBurst();
		if (rate == null) {
			if (burst != null) {
				throw new IllegalArgumentException("opening-burst: " + burst + " (expected: only with opening-rate)");
			}
			return null;
		}
		check("opening-rate", rate);
		if (burst != null) {
			check("opening-burst", burst);
		}
		ClassLoader classLoader = OpeningRate.class.getClassLoader();
		if (!ClassUtils.isPresent(BUCKET4J, classLoader) || !ClassUtils.isPresent(CAFFEINE, classLoader)) {
			throw new IllegalArgumentException("opening-rate: " + rate + " (expected: only with "
					+ "com.bucket4j:bucket4j_jdk17-core and com.github.ben-manes.caffeine:caffeine on the class path)");
		}
		Rates rates = new Rates(rate, (burst != null) ? burst : rate, 0, 0, Duration.ofSeconds(1), 1);
		Bucket4jRateStore own = new Bucket4jRateStore(rates);
		RateStore store = (shared != null) ? shared.create(SessionLimitPolicy.NAME + ":" + settings.group(), rates)
				: own;
		return new OpeningRate(own, store, status, retryAfter);
	}

	private static void check(String name, long value) {
		// Buckets are not refilled more often
		if (value < 1 || value > 1_000_000_000) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: 1 to 1000000000)");
		}
	}

	/**
	 * Takes what one session consumes, when subscribed to.
	 * @param key the key of the sessions that share an allowance
	 * @return emits whether the session may open
	 */
	Mono<Boolean> take(String key) {
		return Mono.defer(() -> isGranted(this.store.take(key, 0, Duration.ZERO), key));
	}

	private Mono<Boolean> isGranted(RateStore.Answer answer, String key) {
		if (answer instanceof RateStore.Later later) {
			return Mono.fromCompletionStage(later.answer()).flatMap((known) -> isGranted(known, key));
		}
		if (answer == RateStore.Alone.INSTANCE) {
			return isGranted(this.own.take(key, 0, Duration.ZERO), key);
		}
		return Mono.just(answer != RateStore.Refused.INSTANCE);
	}

	/**
	 * Returns a refusal.
	 * @return the verdict, whose {@code Retry-After} is chosen at random
	 */
	UpgradeVerdict refusal() {
		long seconds = ThreadLocalRandom.current().nextLong(this.retryAfter, 2 * this.retryAfter + 1);
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
		return UpgradeVerdict.refuse(this.status, headers);
	}

}
