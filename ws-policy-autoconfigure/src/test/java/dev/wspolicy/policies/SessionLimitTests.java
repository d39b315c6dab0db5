package dev.wspolicy.policies;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;

import dev.wspolicy.policies.SessionLimit.Scope;
import dev.wspolicy.policies.SessionLimit.Settings;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The limit of sessions, without sessions.
 */
class SessionLimitTests {

	private final SessionCounts counts = new SessionCounts();

	@ParameterizedTest
	@CsvSource({ "GATEWAY, 503", "ROUTE, 503", "PRINCIPAL, 429", "ADDRESS, 429" })
	void whatIsTooMuchIsRefused(Scope scope, int status) {
		UpgradePolicy policy = limit(2, scope, "");
		Runnable first = accepted(policy, "ada");
		accepted(policy, "ada");
		UpgradeVerdict.Refuse refusal = (UpgradeVerdict.Refuse) verdict(policy, "ada");
		assertThat(refusal.status().value()).isEqualTo(status);
		assertThat(refusal.headers().getFirst(HttpHeaders.RETRY_AFTER)).isEqualTo("2");
		first.run();
		first.run();
		accepted(policy, "ada");
		assertThat(verdict(policy, "ada")).isInstanceOf(UpgradeVerdict.Refuse.class);
	}

	@Test
	void principalsHavePlacesOfTheirOwnAndThoseWithoutShareTheirAddress() {
		UpgradePolicy policy = limit(1, Scope.PRINCIPAL, "");
		accepted(policy, "ada");
		accepted(policy, "bob");
		accepted(policy, null);
		assertThat(verdict(policy, null)).isInstanceOf(UpgradeVerdict.Refuse.class);
	}

	@Test
	void groupsHavePlacesOfTheirOwn() {
		accepted(limit(1, Scope.GATEWAY, ""), "ada");
		accepted(limit(1, Scope.GATEWAY, "chat"), "ada");
		assertThat(verdict(limit(1, Scope.GATEWAY, ""), "ada")).isInstanceOf(UpgradeVerdict.Refuse.class);
		assertThat(verdict(limit(1, Scope.GATEWAY, "chat"), "ada")).isInstanceOf(UpgradeVerdict.Refuse.class);
		accepted(limit(2, Scope.GATEWAY, "chat"), "ada");
	}

	@Test
	void nothingIsTakenByThoseThatNobodySubscribesTo() {
		UpgradePolicy policy = limit(1, Scope.GATEWAY, "");
		assertThat(policy.apply(upgrade("ada"))).isNotNull();
		assertThat(this.counts.size()).isZero();
		accepted(policy, "ada").run();
		assertThat(this.counts.size()).isZero();
	}

	@Test
	void thereAreNeverTooManyHoweverManyComeAtOnce() throws Exception {
		int max = 7;
		UpgradePolicy policy = limit(max, Scope.GATEWAY, "");
		AtomicInteger live = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		AtomicInteger refused = new AtomicInteger();
		Callable<Void> client = () -> {
			List<Runnable> open = new ArrayList<>();
			for (int i = 0; i < 5_000; i++) {
				if (verdict(policy, "ada") instanceof UpgradeVerdict.AcceptUntil accept) {
					most.accumulateAndGet(live.incrementAndGet(), Math::max);
					open.add(accept.over());
				}
				else {
					refused.incrementAndGet();
				}
				if (!open.isEmpty() && ThreadLocalRandom.current().nextBoolean()) {
					live.decrementAndGet();
					open.remove(0).run();
				}
			}
			open.forEach((over) -> {
				live.decrementAndGet();
				over.run();
			});
			return null;
		};
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			for (Future<Void> done : threads.invokeAll(Collections.nCopies(8, client))) {
				done.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(most).hasValue(max);
		assertThat(refused).hasPositiveValue();
		assertThat(this.counts.size()).isZero();
		for (int i = 0; i < max; i++) {
			accepted(policy, "ada");
		}
		assertThat(this.counts.count("/gateway")).isEqualTo(max);
	}

	@ParameterizedTest
	@CsvSource({ ", 1s, max", "0, 1s, max", "1, 0s, retry-after" })
	void settingsOfNoUse(@Nullable Integer max, String retryAfter, String named) {
		Settings settings = new Settings(max, Scope.GATEWAY, "", Duration.parse("PT" + retryAfter));
		assertThatIllegalArgumentException().isThrownBy(() -> new SessionLimit(settings, this.counts))
			.withMessageStartingWith(named);
	}

	private UpgradePolicy limit(int max, Scope scope, String group) {
		return new SessionLimit(new Settings(max, scope, group, Duration.ofMillis(1500)), this.counts);
	}

	private static Runnable accepted(UpgradePolicy policy, @Nullable String principal) {
		return ((UpgradeVerdict.AcceptUntil) verdict(policy, principal)).over();
	}

	private static UpgradeVerdict verdict(UpgradePolicy policy, @Nullable String principal) {
		return policy.apply(upgrade(principal)).block();
	}

	private static UpgradeContext upgrade(@Nullable String principal) {
		return Contexts.upgrade(new HttpHeaders(), List.of(), principal);
	}

}
