package dev.wspolicy.builtin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.github.bucket4j.TimeMeter;
import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

import dev.wspolicy.builtin.SessionLimitPolicy.Settings;
import dev.wspolicy.fleet.LocalSessionPlaces;
import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.RateStore.Answer;
import dev.wspolicy.fleet.Rates;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The rate at which sessions open.
 */
class OpeningRateTests {

	private final LocalSessionPlaces places = new LocalSessionPlaces();

	private final AtomicLong nanos = new AtomicLong();

	private final TimeMeter clock = new TimeMeter() {

		@Override
		public long currentTimeNanos() {
			return OpeningRateTests.this.nanos.get();
		}

		@Override
		public boolean isWallClockBased() {
			return false;
		}

	};

	@Test
	void burstOpensAtOnceAndTheRateAfterwards() {
		OpeningRate openings = openings(2, 5, 1);
		assertThat(granted(openings, 20)).isEqualTo(5);
		this.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
		assertThat(granted(openings, 20)).isEqualTo(2);
		this.nanos.addAndGet(Duration.ofMinutes(1).toNanos());
		assertThat(granted(openings, 20)).isEqualTo(5);
	}

	@Test
	void keysHaveAllowancesOfTheirOwn() {
		OpeningRate openings = openings(1, 1, 1);
		assertThat(openings.take("a").block()).isTrue();
		assertThat(openings.take("a").block()).isFalse();
		assertThat(openings.take("b").block()).isTrue();
	}

	@Test
	void takesWhenSubscribedTo() {
		OpeningRate openings = openings(1, 1, 1);
		Mono<Boolean> taken = openings.take("a");
		assertThat(openings.take("a").block()).isTrue();
		assertThat(taken.block()).isFalse();
	}

	@Test
	void retryAfterIsSpreadOverTheTimeAndItsDouble() {
		OpeningRate openings = openings(1, 1, 5);
		TreeSet<Integer> seconds = new TreeSet<>();
		for (int i = 0; i < 2000; i++) {
			seconds.add(retryAfter(openings.refusal()));
		}
		assertThat(seconds).containsExactly(5, 6, 7, 8, 9, 10);
	}

	@Test
	void storeThatCannotBeReachedLeavesItToTheGateway() {
		OpeningRate openings = new OpeningRate(local(1, 1), (key, bytes, maxWait) -> Answer.alone(),
				HttpStatus.SERVICE_UNAVAILABLE, 1);
		assertThat(openings.take("a").block()).isTrue();
		assertThat(openings.take("a").block()).isFalse();
	}

	@Test
	void waitsForTheStore() {
		CompletableFuture<Answer> answer = new CompletableFuture<>();
		OpeningRate openings = new OpeningRate(local(1, 1), (key, bytes, maxWait) -> Answer.later(answer),
				HttpStatus.SERVICE_UNAVAILABLE, 1);
		CompletableFuture<Boolean> taken = openings.take("a").toFuture();
		assertThat(taken).isNotDone();
		answer.complete(Answer.refused());
		assertThat(taken).isCompletedWithValue(false);
	}

	@ParameterizedTest
	@CsvSource({ "gateway, 503, 0", "fleet, 503, 1", "route, 503, 1", "principal, 429, 1", "address, 429, 1" })
	void onlyTheScopeGatewayCountsThisGatewayAlone(String scope, int status, int stores) {
		List<String> created = new ArrayList<>();
		UpgradePolicy policy = limit(settings(null, scope, 1L, 1L), (name, rates) -> {
			created.add(name);
			return new Bucket4jRateStore(rates, this.clock);
		});
		assertThat(created).hasSize(stores).allMatch("session-limit:chat"::equals);
		UpgradeVerdict.Refuse refusal = firstRefusal(policy);
		assertThat(refusal.status().value()).isEqualTo(status);
		assertThat(retryAfter(refusal)).isBetween(3, 6);
	}

	@Test
	void refusedUpgradeTakesNoPlaceAndNoPlaceOfAnother() {
		AtomicInteger asked = new AtomicInteger();
		UpgradePolicy policy = new SessionLimitPolicy(settings(1, "fleet", 1L, null), this.places, this.places,
				(name, rates) -> (key, bytes, maxWait) -> (asked.getAndIncrement() == 0) ? Answer.granted()
						: Answer.refused());
		assertThat(verdict(policy)).isInstanceOf(UpgradeVerdict.AcceptWith.class);
		assertThat(verdict(policy)).isInstanceOf(UpgradeVerdict.Refuse.class);
		assertThat(asked).hasValue(2);
		assertThat(this.places.size()).isEqualTo(1);
	}

	@Test
	void sessionsWithoutMaximumTakeNoPlace() {
		UpgradePolicy policy = limit(settings(null, "fleet", 1L, null),
				(name, rates) -> (key, bytes, maxWait) -> Answer.granted());
		assertThat(verdict(policy)).isEqualTo(UpgradeVerdict.accept());
		assertThat(this.places.size()).isZero();
	}

	@Test
	void burstIsTheRateByDefault() {
		List<Rates> created = new ArrayList<>();
		RateStore.Factory factory = (name, rates) -> {
			created.add(rates);
			return (key, bytes, maxWait) -> Answer.granted();
		};
		limit(settings(null, "fleet", 7L, null), factory);
		limit(settings(null, "fleet", 7L, 9L), factory);
		assertThat(created).extracting(Rates::frames, Rates::burst, Rates::bytes, Rates::per)
			.containsExactly(Tuple.tuple(7L, 7L, 0L, Duration.ofSeconds(1)),
					Tuple.tuple(7L, 9L, 0L, Duration.ofSeconds(1)));
	}

	@ParameterizedTest
	@CsvSource({ "0, , opening-rate", "2000000000, , opening-rate", "1, 0, opening-burst", ", 5, opening-burst" })
	void invalidSettings(@Nullable Long rate, @Nullable Long burst, String named) {
		Settings settings = settings(1, "gateway", rate, burst);
		assertThatIllegalArgumentException().isThrownBy(() -> limit(settings, null)).withMessageStartingWith(named);
	}

	private OpeningRate openings(long rate, long burst, long retryAfter) {
		Bucket4jRateStore store = local(rate, burst);
		return new OpeningRate(store, store, HttpStatus.SERVICE_UNAVAILABLE, retryAfter);
	}

	private Bucket4jRateStore local(long rate, long burst) {
		return new Bucket4jRateStore(new Rates(rate, burst, 0, 0, Duration.ofSeconds(1), 1), this.clock);
	}

	private UpgradePolicy limit(Settings settings, RateStore.@Nullable Factory rates) {
		return new SessionLimitPolicy(settings, this.places, this.places, rates);
	}

	private static Settings settings(@Nullable Integer max, String scope, @Nullable Long rate, @Nullable Long burst) {
		return new Settings(max, scope, "chat", (max != null) ? OnExceed.CLOSE_OLDEST : OnExceed.REFUSE, 4409,
				"replaced by a newer session", Duration.ofMillis(2500), 64, rate, burst);
	}

	private static int granted(OpeningRate openings, int times) {
		int granted = 0;
		for (int i = 0; i < times; i++) {
			granted += Boolean.TRUE.equals(openings.take("key").block()) ? 1 : 0;
		}
		return granted;
	}

	/** The clock of the gateway grants one more now and then. */
	private static UpgradeVerdict.Refuse firstRefusal(UpgradePolicy policy) {
		assertThat(verdict(policy)).isEqualTo(UpgradeVerdict.accept());
		for (int i = 0; i < 1000; i++) {
			if (verdict(policy) instanceof UpgradeVerdict.Refuse refusal) {
				return refusal;
			}
		}
		throw new AssertionError("never refused");
	}

	private static UpgradeVerdict verdict(UpgradePolicy policy) {
		return policy.apply(Contexts.upgrade(new HttpHeaders(), List.of(), "ada")).block();
	}

	private static int retryAfter(UpgradeVerdict refusal) {
		return Integer.parseInt(((UpgradeVerdict.Refuse) refusal).headers().getFirst(HttpHeaders.RETRY_AFTER));
	}

}
