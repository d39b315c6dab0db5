package dev.wspolicy.builtin.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import reactor.core.scheduler.NonBlocking;
import tools.jackson.databind.node.JsonNodeFactory;

import dev.wspolicy.builtin.support.EventLoopGuard.SlowTimeBudget;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which messages are evaluated on the event loop and which on a worker thread.
 */
class EventLoopGuardTests {

	private final Frame message = TextFrame.of("x");

	private int evaluations;

	@Test
	void shortMessagesAreEvaluatedOnTheCallingThread() {
		assertThat(evaluate(this.message)).isSameAs(Verdict.forward());
		assertThat(evaluate(TextFrame.of("x".repeat(40_000)))).isInstanceOf(Verdict.Later.class);
	}

	@Test
	void workerThreadsBelongToThePolicies() {
		CompletableFuture<String> thread = new CompletableFuture<>();
		settled(EventLoopGuard.evaluate(TextFrame.of("x".repeat(40_000)), () -> {
			thread.complete(Thread.currentThread().getName());
			return Verdict.forward();
		}));
		assertThat(thread.join()).startsWith("ws-policy-evaluation-");
	}

	@Test
	void messagesOfPoliciesAreEvaluatedByTheirEstimatedLength() {
		String text = "x".repeat(40_000);
		assertThat(evaluate(JsonMessage.frame(JsonNodeFactory.instance.objectNode().put("a", text), FrameType.TEXT)))
			.isInstanceOf(Verdict.Later.class);
		assertThat(evaluate(JsonMessage.frame(JsonNodeFactory.instance.objectNode().put("a", "b"), FrameType.TEXT)))
			.isSameAs(Verdict.forward());
	}

	@Test
	void manySlowShortMessagesLeaveTheEventLoop() {
		assertThat(untilLater(() -> EventLoopGuard.evaluate(this.message, EventLoopGuardTests::slowly)))
			.hasSizeBetween(2, 30);
		assertThat(untilLater(() -> EventLoopGuard.evaluate(this.message, (effort) -> slowly(), Verdict::drop)))
			.hasSizeBetween(2, 30);
	}

	@Test
	void manySlowShortMessagesDoNotLeaveAThreadThatMayBlock() {
		for (int i = 0; i < 20; i++) {
			assertThat(EventLoopGuard.evaluate(this.message, EventLoopGuardTests::slowly)).isSameAs(Verdict.forward());
		}
	}

	@Test
	void evaluationThatExceedsItsEffortStartsOverOnAWorkerThread() {
		Verdict verdict = EventLoopGuard.evaluate(this.message, (effort) -> {
			this.evaluations++;
			while (true) {
				effort.spend(1_000);
			}
		}, Verdict::drop);
		assertThat(verdict).isInstanceOf(Verdict.Later.class);
		assertThat(settled(verdict)).isSameAs(Verdict.drop());
		assertThat(this.evaluations).isEqualTo(2);
	}

	@Test
	void mdcIsPropagatedToTheWorkerThread() {
		MDC.put("wsSessionId", "s-1");
		try {
			CompletableFuture<String> seen = new CompletableFuture<>();
			Verdict verdict = EventLoopGuard.evaluate(TextFrame.of("x".repeat(40_000)), () -> {
				seen.complete(MDC.get("wsSessionId"));
				return Verdict.forward();
			});
			assertThat(settled(verdict)).isSameAs(Verdict.forward());
			assertThat(seen).isCompletedWithValue("s-1");
		}
		finally {
			MDC.remove("wsSessionId");
		}
	}

	/** Whose session it was, others must not log. */
	@Test
	void mdcIsNotLeftOnTheWorkerThread() {
		Frame longMessage = TextFrame.of("x".repeat(40_000));
		MDC.put("wsSessionId", "s-1");
		try {
			for (int i = 0; i < 10; i++) {
				settled(EventLoopGuard.evaluate(longMessage, Verdict::forward));
			}
		}
		finally {
			MDC.remove("wsSessionId");
		}
		for (int i = 0; i < 10; i++) {
			CompletableFuture<Boolean> left = new CompletableFuture<>();
			settled(EventLoopGuard.evaluate(longMessage, () -> {
				left.complete(MDC.get("wsSessionId") != null);
				return Verdict.forward();
			}));
			assertThat(left).isCompletedWithValue(false);
		}
	}

	@Test
	void slowTimeBudgetRecovers() {
		SlowTimeBudget slow = new SlowTimeBudget();
		for (int i = 0; i < 1_000; i++) {
			slow.charge(0, 99_999);
		}
		assertThat(slow.isExhausted(0)).as("fast ones do not count").isFalse();
		slow.charge(0, 3_000_000);
		assertThat(slow.isExhausted(3_000_000)).isFalse();
		slow.charge(3_000_000, 5_000_000);
		assertThat(slow.isExhausted(5_000_000)).isTrue();
		for (int i = 0; i < 10; i++) {
			assertThat(slow.isExhausted(8_000_000)).as("however often it is asked").isTrue();
		}
		assertThat(slow.isExhausted(10_000_000)).isFalse();
	}

	private Verdict evaluate(Frame frame) {
		return EventLoopGuard.evaluate(frame, Verdict::forward);
	}

	private static Verdict slowly() {
		long end = System.nanoTime() + Duration.ofMillis(1).toNanos();
		long now = System.nanoTime();
		while (now < end) {
			now = System.nanoTime();
		}
		return Verdict.forward();
	}

	private static List<Verdict> untilLater(Supplier<Verdict> evaluation) {
		List<Verdict> verdicts = onEventLoop(() -> {
			List<Verdict> given = new ArrayList<>();
			do {
				given.add(evaluation.get());
			}
			while (given.get(given.size() - 1) == Verdict.forward() && given.size() < 100);
			return given;
		});
		assertThat(settled(verdicts.get(verdicts.size() - 1))).isSameAs(Verdict.forward());
		return verdicts;
	}

	private static <T> T onEventLoop(Supplier<T> task) {
		CompletableFuture<T> result = new CompletableFuture<>();
		new EventLoop(() -> result.complete(task.get())).start();
		return result.orTimeout(15, TimeUnit.SECONDS).join();
	}

	private static Verdict settled(Verdict verdict) {
		return ((Verdict.Later) verdict).verdict().toCompletableFuture().orTimeout(15, TimeUnit.SECONDS).join();
	}

	private static final class EventLoop extends Thread implements NonBlocking {

		EventLoop(Runnable task) {
			super(task);
		}

	}

}
