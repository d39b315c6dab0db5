package dev.wspolicy.builtin;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import io.github.bucket4j.TimeMeter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.ArgumentMatchers;
import org.mockito.BDDMockito;
import org.springframework.http.HttpHeaders;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.builtin.RateLimitPolicy.OnExceed;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.Rates;
import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The rate limit, with a manual clock.
 */
class RateLimitPolicyTests {

	private final Clock clock = new Clock();

	private RateStore.@Nullable Factory shared;

	@Test
	void burstPassesAtOnceAndTheRestAtTheRate() {
		RateLimitPolicy policy = policy(2L, null, 4L, "session", OnExceed.DROP);
		FrameContext context = context("ada", "1");
		assertThat(passed(policy, context, 6)).isEqualTo(4);
		this.clock.advance(Duration.ofMillis(500));
		assertThat(passed(policy, context, 3)).isEqualTo(1);
		this.clock.advance(Duration.ofSeconds(10));
		assertThat(passed(policy, context, 6)).isEqualTo(4);
	}

	@Test
	void refusedFramesConsumeNothing() {
		RateLimitPolicy policy = policy(10L, 100L, null, "session", OnExceed.CLOSE);
		FrameContext context = context("ada", "1");
		assertThat(policy.apply(bytes(60), context)).isEqualTo(Verdict.forward());
		for (int i = 0; i < 20; i++) {
			assertThat(policy.apply(bytes(41), context)).isEqualTo(Verdict.closeSender(CloseStatus.POLICY_VIOLATION));
		}
		assertThat(policy.apply(bytes(40), context)).isEqualTo(Verdict.forward());
		assertThat(policy.apply(bytes(0), context)).isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@CsvSource({ "session, ada, 1, false", "principal, ada, 2, true", "principal, bob, 1, false",
			"principal, , 1, false", "header:X-Key, bob, 1, true", "header:X-Key, ada, 2, false",
			"path:device, bob, 1, true", "path:device, ada, 2, false", "attribute:tenant, bob, 1, true",
			"attribute:tenant, ada, 2, false", "address, bob, 2, true", "route, bob, 2, true", "ROUTE, bob, 2, true" })
	void scopes(String scope, @Nullable String principal, String key, boolean shared) {
		RateLimitPolicy policy = policy(1L, null, null, scope, OnExceed.DROP);
		assertThat(passed(policy, context("ada", "1"), 2)).isEqualTo(1);
		assertThat(passed(policy, context(principal, key), 2)).isEqualTo(shared ? 0 : 1);
	}

	@Test
	void missingPrincipalFallsBackToTheAddress() {
		RateLimitPolicy policy = policy(1L, null, null, "principal", OnExceed.DROP);
		assertThat(passed(policy, context(null, "1"), 2)).isEqualTo(1);
		assertThat(passed(policy, context(null, "2"), 2)).isZero();
	}

	@Test
	void directionsAndPoliciesHaveSeparateAllowances() {
		RateLimitPolicy policy = policy(1L, null, null, "session", OnExceed.DROP);
		FrameContext inbound = context("ada", "1");
		FrameContext outbound = Contexts.frames(Direction.OUTBOUND, inbound.session());
		assertThat(passed(policy, inbound, 2)).isEqualTo(1);
		assertThat(passed(policy, outbound, 2)).isEqualTo(1);
		assertThat(passed(policy(1L, null, null, "session", OnExceed.DROP), inbound, 2)).isEqualTo(1);
	}

	@Test
	void allowanceIsRemovedWithThePolicy() {
		RateLimitPolicy gone = policy(1L, null, null, "session", OnExceed.DROP);
		RateLimitPolicy stays = policy(1L, null, null, "session", OnExceed.DROP);
		FrameContext context = context("ada", "1");
		assertThat(passed(gone, context, 2)).isEqualTo(1);
		assertThat(passed(stays, context, 2)).isEqualTo(1);
		gone.onDetached(context.session());
		assertThat(context.session().attributes()).hasSize(1);
		assertThat(passed(stays, context, 2)).isZero();
	}

	@Test
	void throttledFramesAreDelayed() {
		Bucket4jRateStore store = new Bucket4jRateStore(new Rates(2, 2, 0, 0, Duration.ofSeconds(1), 1), this.clock);
		Duration maxWait = Duration.ofSeconds(2);
		assertThat(wait(store.take("x", 1, maxWait))).isZero();
		assertThat(wait(store.take("x", 1, maxWait))).isZero();
		assertThat(wait(store.take("x", 1, maxWait))).isEqualTo(Duration.ofMillis(500));
		assertThat(wait(store.take("x", 1, maxWait))).isEqualTo(Duration.ofMillis(1000));
		for (int i = 0; i < 20; i++) {
			assertThat(wait(store.take("x", 1, maxWait))).isLessThanOrEqualTo(maxWait);
		}
		this.clock.advance(Duration.ofMillis(2500));
		assertThat(wait(store.take("x", 1, maxWait))).isZero();
	}

	@Test
	void delayIsLimitedByMaxWait() {
		Bucket4jRateStore store = new Bucket4jRateStore(new Rates(0, 0, 10, 10, Duration.ofSeconds(1), 1), this.clock);
		assertThat(wait(store.take("x", 1_000_000, Duration.ofSeconds(3)))).isEqualTo(Duration.ofSeconds(3));
		this.clock.advance(Duration.ofSeconds(4));
		assertThat(wait(store.take("x", 10, Duration.ofSeconds(3)))).isZero();
	}

	@Test
	void throttlingDelaysTheVerdict() {
		RateLimitPolicy policy = policy(1L, null, null, "session", OnExceed.THROTTLE);
		FrameContext context = context("ada", "1");
		Scheduled scheduled = Scheduled.in(context.session());
		assertThat(policy.apply(bytes(1), context)).isEqualTo(Verdict.forward());
		Verdict.Later later = (Verdict.Later) policy.apply(bytes(1), context);
		assertThat(scheduled.delays()).containsExactly(Duration.ofSeconds(1));
		assertThat(later.verdict().toCompletableFuture()).isNotDone();
		scheduled.tasks().forEach(Runnable::run);
		assertThat(later.verdict().toCompletableFuture()).isCompletedWithValue(Verdict.forward());
	}

	@Test
	void allowancesFollowTheClockOfTheSession() {
		AtomicLong time = new AtomicLong(1);
		for (String scope : List.of("session", "principal")) {
			RateLimitPolicy policy = new RateLimitPolicy(settings(1L, null, null, scope, OnExceed.DROP),
					Bucket4jRateStore::new, null);
			FrameContext context = context("ada", "1");
			BDDMockito.given(context.session().clock()).willReturn(time::get);
			assertThat(passed(policy, context, 2)).isEqualTo(1);
			time.addAndGet(Duration.ofHours(1).toNanos());
			assertThat(passed(policy, context, 2)).isEqualTo(1);
		}
	}

	@Test
	void customStoreServesSharedAllowances() {
		List<String> asked = new ArrayList<>();
		this.shared = (name, rates) -> (key, bytes, maxWait) -> {
			asked.add(name + " " + rates.frames() + " " + key + " " + bytes + " " + maxWait);
			return RateStore.Answer.refused();
		};
		assertThat(passed(policy(7L, null, null, "principal", OnExceed.DROP), context("ada", "1"), 1)).isZero();
		assertThat(asked).containsExactly(" 7 principal ada 1 PT0S");
		assertThat(passed(policy(7L, null, null, "session", OnExceed.DROP), context("ada", "1"), 9)).isEqualTo(7);
		assertThat(asked).hasSize(1);
	}

	@Test
	void customStoreMayAnswerLater() {
		CompletableFuture<RateStore.Answer> first = new CompletableFuture<>();
		CompletableFuture<RateStore.Answer> second = new CompletableFuture<>();
		Queue<RateStore.Answer> answers = new ArrayDeque<>(
				List.of(RateStore.Answer.later(first), RateStore.Answer.later(second)));
		this.shared = (name, rates) -> (key, bytes, maxWait) -> answers.remove();
		RateLimitPolicy policy = policy(1L, null, null, "route", OnExceed.CLOSE);
		Verdict.Later granted = (Verdict.Later) policy.apply(bytes(1), context("ada", "1"));
		Verdict.Later refused = (Verdict.Later) policy.apply(bytes(1), context("ada", "1"));
		assertThat(granted.verdict().toCompletableFuture()).isNotDone();
		first.complete(RateStore.Answer.granted());
		second.complete(RateStore.Answer.later(CompletableFuture.completedStage(RateStore.Answer.refused())));
		assertThat(granted.verdict().toCompletableFuture()).isCompletedWithValue(Verdict.forward());
		assertThat(refused.verdict().toCompletableFuture())
			.isCompletedWithValue(Verdict.closeSender(CloseStatus.POLICY_VIOLATION));
	}

	@Test
	void gatewayCountsAloneIfTheStoreCannotBeReached() {
		this.shared = (name, rates) -> (key, bytes, maxWait) -> RateStore.Answer.alone();
		RateLimitPolicy policy = policy(3L, null, null, "principal", OnExceed.DROP);
		assertThat(passed(policy, context("ada", "1"), 5)).isEqualTo(3);
		assertThat(passed(policy, context("ada", "2"), 5)).isZero();
		assertThat(passed(policy, context("bob", "1"), 5)).isEqualTo(3);
		this.shared = (name, rates) -> (key, bytes, maxWait) -> RateStore.Answer
			.later(CompletableFuture.completedStage(RateStore.Answer.alone()));
		RateLimitPolicy later = policy(1L, null, null, "principal", OnExceed.CLOSE);
		assertThat(settled(later.apply(bytes(1), context("ada", "1")))).isEqualTo(Verdict.forward());
		assertThat(settled(later.apply(bytes(1), context("ada", "1"))))
			.isEqualTo(Verdict.closeSender(CloseStatus.POLICY_VIOLATION));
	}

	@ParameterizedTest
	@CsvSource({ "0, 40, , false", "1, 1, , true", "4, 40, , true", "5, 40, , false", "2, 19, , false", "2, 20, , true",
			"1, 40, 10, true", "2, 40, 10, false" })
	void lotIsAtMostATenthOfTheBurst(long lot, long burst, @Nullable Long bytes, boolean allowed) {
		DataSize size = (bytes != null) ? DataSize.ofBytes(bytes) : null;
		RateLimitPolicy.Settings settings = new RateLimitPolicy.Settings(10L, size, Duration.ofSeconds(1), burst, null,
				"principal", OnExceed.DROP, "", Duration.ofSeconds(5), lot, "", 64);
		if (allowed) {
			assertThat(RateSettings.rates(settings).lot()).isEqualTo(lot);
		}
		else {
			assertThatIllegalArgumentException().isThrownBy(() -> RateSettings.rates(settings))
				.withMessageStartingWith("lot: " + lot);
		}
	}

	private static Verdict settled(Verdict verdict) {
		return ((Verdict.Later) verdict).verdict().toCompletableFuture().join();
	}

	@Test
	void delayOfACustomStoreIsLimitedByMaxWait() {
		this.shared = (name, rates) -> (key, bytes, maxWait) -> RateStore.Answer
			.later(CompletableFuture.completedStage(RateStore.Answer.after(Duration.ofHours(1))));
		RateLimitPolicy policy = policy(1L, null, null, "route", OnExceed.THROTTLE);
		assertThat(policy.maxDelay(List.of(policy))).isEqualTo(new MaxDelay(Duration.ofSeconds(5), "max-wait"));
		FrameContext context = context("ada", "1");
		Scheduled scheduled = Scheduled.in(context.session());
		Verdict.Later later = (Verdict.Later) policy.apply(bytes(1), context);
		assertThat(scheduled.delays()).containsExactly(Duration.ofSeconds(5));
		scheduled.tasks().forEach(Runnable::run);
		assertThat(later.verdict().toCompletableFuture()).isCompletedWithValue(Verdict.forward());
	}

	@Test
	void keyIsRemovedWithThePolicy() {
		RateLimitPolicy policy = policy(1L, null, null, "header:X-Key", OnExceed.DROP);
		FrameContext context = context("ada", "1");
		passed(policy, context, 2);
		policy.onDetached(context.session());
		assertThat(context.session().attributes()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "1, , planet, DROP, scope", "1, , header:, DROP, scope", "1, , path:, DROP, scope",
			"1, , attribute: , DROP, scope", "1, , 'header:a b', DROP, scope", "1, , gateway, DROP, scope",
			", , session, DROP, frames", "0, , session, DROP, frames", ", 0, session, DROP, bytes",
			"1, , session, REPLY, message" })
	void invalidSettings(@Nullable Long frames, @Nullable Long bytes, String scope, OnExceed onExceed, String named) {
		assertThatIllegalArgumentException().isThrownBy(() -> policy(frames, bytes, null, scope, onExceed))
			.withMessageStartingWith(named);
	}

	@Test
	void periodFitsIntoNanoseconds() {
		RateLimitPolicy.Settings settings = new RateLimitPolicy.Settings(1L, null, Duration.ofDays(100_000_000),
				Long.MAX_VALUE - 1, null, "address", OnExceed.DROP, "", Duration.ofSeconds(5), 1, "", 64);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RateLimitPolicy(settings, Bucket4jRateStore::new, null))
			.withMessage("per: PT2400000000H (expected: more than zero, at most 36500 days)");
	}

	@Test
	void refillTimeIsLimited() {
		assertThat(new Rates(1, Long.MAX_VALUE - 1, 0, 0, Duration.ofDays(1), 1).refillTime())
			.isEqualTo(Duration.ofDays(36_500));
		assertThat(new Rates(2, 4, 0, 0, Duration.ofDays(1), 1).refillTime()).isEqualTo(Duration.ofDays(3));
	}

	@Test
	void messageRequiresReply() {
		RateLimitPolicy.Settings settings = new RateLimitPolicy.Settings(1L, null, Duration.ofSeconds(1), null, null,
				"session", OnExceed.DROP, "Slow down.", Duration.ofSeconds(5), 1, "", 64);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RateLimitPolicy(settings, Bucket4jRateStore::new, null))
			.withMessage("message: required by 'on-exceed: reply', and supported by no other action");
	}

	private RateLimitPolicy policy(@Nullable Long frames, @Nullable Long bytes, @Nullable Long burst, String scope,
			OnExceed onExceed) {
		return new RateLimitPolicy(settings(frames, bytes, burst, scope, onExceed),
				(rates) -> new Bucket4jRateStore(rates, this.clock), this.shared);
	}

	private static RateLimitPolicy.Settings settings(@Nullable Long frames, @Nullable Long bytes, @Nullable Long burst,
			String scope, OnExceed onExceed) {
		DataSize size = (bytes != null) ? DataSize.ofBytes(bytes) : null;
		return new RateLimitPolicy.Settings(frames, size, Duration.ofSeconds(1), burst, null, scope, onExceed, "",
				Duration.ofSeconds(5), 1, "", 64);
	}

	private static Duration wait(RateStore.Answer answer) {
		return (answer instanceof RateStore.After after) ? after.time() : Duration.ZERO;
	}

	private static int passed(RateLimitPolicy policy, FrameContext context, int frames) {
		int passed = 0;
		for (int i = 0; i < frames; i++) {
			passed += policy.apply(bytes(1), context).equals(Verdict.forward()) ? 1 : 0;
		}
		return passed;
	}

	private static FrameContext context(@Nullable String principal, String key) {
		HttpHeaders headers = new HttpHeaders();
		headers.set("X-Key", key);
		UpgradeContext upgrade = Contexts.upgrade(headers, List.of(), principal);
		BDDMockito.given(upgrade.pathVariables()).willReturn(Map.of("device", key));
		BDDMockito.given(upgrade.attributes()).willReturn(Map.of("tenant", key));
		return Contexts.frames(Direction.INBOUND, Contexts.session(upgrade));
	}

	private static BinaryFrame bytes(int length) {
		return BinaryFrame.of(new byte[length]);
	}

	/**
	 * The tasks that have been scheduled in a session.
	 *
	 * @param delays their delays
	 * @param tasks the tasks
	 */
	private record Scheduled(List<Duration> delays, List<Runnable> tasks) {

		static Scheduled in(ProxiedSession session) {
			Scheduled scheduled = new Scheduled(new ArrayList<>(), new ArrayList<>());
			BDDMockito.given(session.schedule(ArgumentMatchers.any(), ArgumentMatchers.any())).willAnswer((call) -> {
				scheduled.delays.add(call.getArgument(0));
				scheduled.tasks.add(call.getArgument(1));
				return null;
			});
			return scheduled;
		}

	}

	private static final class Clock implements TimeMeter {

		private long nanos;

		void advance(Duration duration) {
			this.nanos += duration.toNanos();
		}

		@Override
		public long currentTimeNanos() {
			return this.nanos;
		}

		@Override
		public boolean isWallClockBased() {
			return false;
		}

	}

}
