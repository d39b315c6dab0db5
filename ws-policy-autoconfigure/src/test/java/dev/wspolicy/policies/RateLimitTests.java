package dev.wspolicy.policies;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

import io.github.bucket4j.TimeMeter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import org.springframework.util.unit.DataSize;
import reactor.test.scheduler.VirtualTimeScheduler;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.policies.RateLimit.OnExceed;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.Wait;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The rate limit, by a clock that stands until it is moved.
 */
class RateLimitTests {

	private final Clock clock = new Clock();

	private RateStore.@Nullable Factory shared;

	@Test
	void framesPassUntilTheBurstIsUsedUpAndThenAtTheRate() {
		RateLimit policy = policy(2L, null, 4L, "session", OnExceed.DROP);
		FrameContext context = context("ada", "1");
		assertThat(passed(policy, context, 6)).isEqualTo(4);
		this.clock.advance(Duration.ofMillis(500));
		assertThat(passed(policy, context, 3)).isEqualTo(1);
		this.clock.advance(Duration.ofSeconds(10));
		assertThat(passed(policy, context, 6)).isEqualTo(4);
	}

	@Test
	void bytesCountAndAFrameThatIsRefusedCostsNone() {
		RateLimit policy = policy(10L, 100L, null, "session", OnExceed.CLOSE);
		FrameContext context = context("ada", "1");
		assertThat(policy.apply(bytes(60), context)).isEqualTo(Verdict.forward());
		for (int i = 0; i < 20; i++) {
			assertThat(policy.apply(bytes(41), context))
				.isEqualTo(Verdict.close(CloseStatus.POLICY_VIOLATION, CloseStatus.GOING_AWAY));
		}
		assertThat(policy.apply(bytes(40), context)).isEqualTo(Verdict.forward());
		assertThat(policy.apply(bytes(0), context)).isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@CsvSource({ "session, ada, 1, false", "principal, ada, 2, true", "principal, bob, 1, false",
			"principal, , 1, false", "header:X-Key, bob, 1, true", "header:X-Key, ada, 2, false",
			"address, bob, 2, true", "route, bob, 2, true", "ROUTE, bob, 2, true" })
	void scopes(String scope, @Nullable String principal, String key, boolean shared) {
		RateLimit policy = policy(1L, null, null, scope, OnExceed.DROP);
		assertThat(passed(policy, context("ada", "1"), 2)).isEqualTo(1);
		assertThat(passed(policy, context(principal, key), 2)).isEqualTo(shared ? 0 : 1);
	}

	@Test
	void withoutPrincipalTheAddressIsShared() {
		RateLimit policy = policy(1L, null, null, "principal", OnExceed.DROP);
		assertThat(passed(policy, context(null, "1"), 2)).isEqualTo(1);
		assertThat(passed(policy, context(null, "2"), 2)).isZero();
	}

	@Test
	void directionsAndPoliciesHaveTheirOwnAllowanceInASession() {
		RateLimit policy = policy(1L, null, null, "session", OnExceed.DROP);
		FrameContext inbound = context("ada", "1");
		FrameContext outbound = Contexts.frames(Direction.OUTBOUND, inbound.session());
		assertThat(passed(policy, inbound, 2)).isEqualTo(1);
		assertThat(passed(policy, outbound, 2)).isEqualTo(1);
		assertThat(passed(policy(1L, null, null, "session", OnExceed.DROP), inbound, 2)).isEqualTo(1);
	}

	@Test
	void allowanceOfASessionGoesWithThePolicy() {
		RateLimit gone = policy(1L, null, null, "session", OnExceed.DROP);
		RateLimit stays = policy(1L, null, null, "session", OnExceed.DROP);
		FrameContext context = context("ada", "1");
		assertThat(passed(gone, context, 2)).isEqualTo(1);
		assertThat(passed(stays, context, 2)).isEqualTo(1);
		gone.onClose(context.session(),
				new Termination(Initiator.GATEWAY, Termination.Cause.REPLACED, null, null, null, null));
		assertThat(context.session().attributes()).hasSize(1);
		assertThat(passed(stays, context, 2)).isZero();
	}

	@Test
	void throttledFramesWaitForTheirTurn() {
		BucketRateStore store = new BucketRateStore(new Rates(2, 2, 0, 0, Duration.ofSeconds(1)), this.clock);
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
	void messageLongerThanTheBurstWaitsNoLongerThanItMay() {
		BucketRateStore store = new BucketRateStore(new Rates(0, 0, 10, 10, Duration.ofSeconds(1)), this.clock);
		assertThat(wait(store.take("x", 1_000_000, Duration.ofSeconds(3)))).isEqualTo(Duration.ofSeconds(3));
		this.clock.advance(Duration.ofSeconds(4));
		assertThat(wait(store.take("x", 10, Duration.ofSeconds(3)))).isZero();
	}

	@Test
	void throttleAnswersLater() {
		VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
		try {
			RateLimit policy = policy(1L, null, null, "session", OnExceed.THROTTLE);
			FrameContext context = context("ada", "1");
			assertThat(policy.apply(bytes(1), context)).isEqualTo(Verdict.forward());
			Verdict.Later later = (Verdict.Later) policy.apply(bytes(1), context);
			time.advanceTimeBy(Duration.ofMillis(999));
			assertThat(later.verdict().toCompletableFuture()).isNotDone();
			time.advanceTimeBy(Duration.ofMillis(1));
			assertThat(later.verdict().toCompletableFuture()).isCompletedWithValue(Verdict.forward());
		}
		finally {
			VirtualTimeScheduler.reset();
		}
	}

	@Test
	void storeOfTheUsersIsAskedForWhatIsSharedAndByName() {
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
	void storeAnswersLater() {
		CompletableFuture<RateStore.Answer> first = new CompletableFuture<>();
		CompletableFuture<RateStore.Answer> second = new CompletableFuture<>();
		Queue<RateStore.Answer> answers = new ArrayDeque<>(
				List.of(RateStore.Answer.later(first), RateStore.Answer.later(second)));
		this.shared = (name, rates) -> (key, bytes, maxWait) -> answers.remove();
		RateLimit policy = policy(1L, null, null, "route", OnExceed.CLOSE);
		Verdict.Later granted = (Verdict.Later) policy.apply(bytes(1), context("ada", "1"));
		Verdict.Later refused = (Verdict.Later) policy.apply(bytes(1), context("ada", "1"));
		assertThat(granted.verdict().toCompletableFuture()).isNotDone();
		first.complete(RateStore.Answer.granted());
		second.complete(RateStore.Answer.later(CompletableFuture.completedStage(RateStore.Answer.refused())));
		assertThat(granted.verdict().toCompletableFuture()).isCompletedWithValue(Verdict.forward());
		assertThat(refused.verdict().toCompletableFuture())
			.isCompletedWithValue(Verdict.close(CloseStatus.POLICY_VIOLATION, CloseStatus.GOING_AWAY));
	}

	@Test
	void storeThatLetsMessagesWaitIsHeldToTheLongestWait() {
		VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
		try {
			this.shared = (name, rates) -> (key, bytes, maxWait) -> RateStore.Answer
				.later(CompletableFuture.completedStage(RateStore.Answer.after(Duration.ofHours(1))));
			RateLimit policy = policy(1L, null, null, "route", OnExceed.THROTTLE);
			assertThat(policy.longestWait(List.of(policy))).isEqualTo(new Wait(Duration.ofSeconds(5), "max-wait"));
			Verdict.Later later = (Verdict.Later) policy.apply(bytes(1), context("ada", "1"));
			time.advanceTimeBy(Duration.ofSeconds(5));
			assertThat(later.verdict().toCompletableFuture()).isCompletedWithValue(Verdict.forward());
		}
		finally {
			VirtualTimeScheduler.reset();
		}
	}

	@ParameterizedTest
	@CsvSource({ "1, , planet, DROP, scope", "1, , header:, DROP, scope", ", , session, DROP, frames",
			"0, , session, DROP, frames", ", 0, session, DROP, bytes", "1, , session, REPLY, message" })
	void settingsOfNoUse(@Nullable Long frames, @Nullable Long bytes, String scope, OnExceed onExceed, String named) {
		assertThatIllegalArgumentException().isThrownBy(() -> policy(frames, bytes, null, scope, onExceed))
			.withMessageStartingWith(named);
	}

	@Test
	void messageGoesWithReplyOnly() {
		RateLimit.Settings settings = new RateLimit.Settings(1L, null, Duration.ofSeconds(1), null, null, "session",
				OnExceed.DROP, "Slow down.", Duration.ofSeconds(5), "");
		assertThatIllegalArgumentException().isThrownBy(() -> new RateLimit(settings, BucketRateStore::new, null))
			.withMessage("message: goes with 'on-exceed: reply', and only with it");
	}

	private RateLimit policy(@Nullable Long frames, @Nullable Long bytes, @Nullable Long burst, String scope,
			OnExceed onExceed) {
		DataSize size = (bytes != null) ? DataSize.ofBytes(bytes) : null;
		return new RateLimit(new RateLimit.Settings(frames, size, Duration.ofSeconds(1), burst, null, scope, onExceed,
				"", Duration.ofSeconds(5), ""), (rates) -> new BucketRateStore(rates, this.clock), this.shared);
	}

	private static Duration wait(RateStore.Answer answer) {
		return (answer instanceof RateStore.After after) ? after.time() : Duration.ZERO;
	}

	private static int passed(RateLimit policy, FrameContext context, int frames) {
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
		return Contexts.frames(Direction.INBOUND, Contexts.session(upgrade));
	}

	private static BinaryFrame bytes(int length) {
		return BinaryFrame.of(new byte[length]);
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
