package dev.wspolicy.relay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.IllegalVerdictException;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Verdicts that were promised: there already, failed, or late.
 */
class RelayPromiseTests extends AbstractPromiseTests {

	private static final Duration VERDICT_TIMEOUT = Duration.ofSeconds(10);

	// Promises that are kept already

	private static Verdict kept(Verdict verdict) {
		return Verdict.later(CompletableFuture.completedFuture(verdict));
	}

	@ParameterizedTest
	@EnumSource
	void keptPromiseSuspendsNothing(Side from) {
		Side to = from.peer();
		this.script.policy(from, on("1", kept(Verdict.forward())))
			.policy(from, on("drop", kept(Verdict.drop())))
			.policy(from, on("replace", kept(Verdict.replaceText("other"))));
		this.script.receive(from, text("1"), text("drop"), text("replace"), text("2"))
			.expect(forward(to, text("1")), send(to, text("other")), forward(to, text("2")));
	}

	@ParameterizedTest
	@EnumSource
	void keptPromiseDoesNotSpareThePoliciesThatFollow(Side from) {
		this.script.policy(from, always(kept(Verdict.forward()))).policy(from, on("no", Verdict.drop()));
		this.script.receive(from, text("no"), text("yes")).expect(forward(from.peer(), text("yes")));
	}

	@ParameterizedTest
	@EnumSource
	void keptPromiseLetsAControlFramePassAsItCame(Side from) {
		this.script.bind(from,
				PolicyBinding.of("control", always(kept(Verdict.forward()))).types(FrameType.PING, FrameType.CLOSE));
		this.script.receive(from, ping("p"), close(1000))
			.expect(forward(from.peer(), ping("p")), forward(from.peer(), close(1000)));
	}

	@ParameterizedTest
	@EnumSource
	void keptPromiseWaitsForTheCallsThatWereMadeBefore(Side from) {
		this.script.policy(from, (frame, context) -> {
			this.script.driver().waitingCalls = true;
			this.script.driver().runSoon(() -> {
				this.script.driver().waitingCalls = false;
				this.script.relay().send(from, PingFrame.of(new byte[0]));
			});
			return kept(Verdict.forward());
		});
		this.script.receive(from, text("hi"))
			.expect(suspend(from), send(from, ping("")), forward(from.peer(), text("hi")), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void brokenPromiseFailsAtOnce(Side from) {
		this.script.bind(from,
				PolicyBinding
					.of("failing", always(Verdict.later(CompletableFuture.failedFuture(new IllegalStateException()))))
					.onError(OnError.DROP));
		this.script.receive(from, text("x")).expect(failure(from, "failing", IllegalStateException.class));
	}

	@ParameterizedTest
	@EnumSource
	void promiseMayBeAStageThatIsNoFuture(Side from) {
		CompletableFuture<Verdict> future = new CompletableFuture<>();
		this.script.policy(from, on("later", Verdict.later(future.minimalCompletionStage())))
			.policy(from, on("kept", Verdict.later(CompletableFuture.completedStage(Verdict.drop()))));
		this.script.receive(from, text("kept")).expectNothing();
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.answer(future, Verdict.forward()).expect(forward(from.peer(), text("later")), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void stageThatCannotBeAwaitedIsAFailure(Side from) {
		CompletionStage<Verdict> stage = stageOfAnotherKind();
		this.script.bind(from, PolicyBinding.of("failing", always(Verdict.later(stage))).onError(OnError.FORWARD));
		this.script.receive(from, text("x"))
			.expect(failure(from, "failing", UnsupportedOperationException.class), forward(from.peer(), text("x")));
	}

	// Promises that are broken

	@ParameterizedTest
	@EnumSource
	void failureOfThePromiseIsThePolicys(Side from) {
		this.script.policy(from, promising());
		this.script.receive(from, text("later"), text("skipped")).expect(suspend(from));
		this.script.fail(this.promise, new IllegalStateException())
			.expect(failure(from, "policy-1", IllegalStateException.class), send(Side.CLIENT, close(1011)),
					send(Side.UPSTREAM, close(1011)), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void failureIsToldWithoutItsWrapping(Side from) {
		this.script.bind(from, PolicyBinding.of("failing", promising()).onError(OnError.FORWARD));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.fail(this.promise, new CompletionException(new IllegalStateException()))
			.expect(failure(from, "failing", IllegalStateException.class), forward(from.peer(), text("later")),
					resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void cancelledPromiseIsAFailure(Side from) {
		this.script.bind(from, PolicyBinding.of("failing", promising()).onError(OnError.DROP));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.promise.cancel(false);
		this.script.turn().expect(failure(from, "failing", CancellationException.class), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void messageWhosePromiseIsNullIsDropped(Side from) {
		this.script.bind(from, PolicyBinding.of("failing", promising()).onError(OnError.DROP));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.answer(this.promise, null)
			.expect(failure(from, "failing", IllegalVerdictException.class), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void emptyPromiseCountsAsNull(Side from) {
		this.script.bind(from, PolicyBinding.of("failing", promising()).onError(OnError.FORWARD));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.answer(this.promise, null)
			.expect(failure(from, "failing", IllegalVerdictException.class), forward(from.peer(), text("later")),
					resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void illegalVerdictMayComeLater(Side from) {
		this.script.bind(from, PolicyBinding.of("failing", always(Verdict.later(this.promise))).types(FrameType.CLOSE));
		this.script.receive(from, close(1000)).expect(suspend(from));
		this.script.answer(this.promise, Verdict.drop());
		assertThat(this.script.takeActions())
			.contains(failure(from, "failing", IllegalVerdictException.class), send(from, close(1011)), finish(from),
					send(from.peer(), close(1011)))
			.endsWith(resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void timeoutIsAFailure(Side from) {
		this.script.policy(from, promisingOnce());
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT.minusMillis(1)).expectNothing();
		this.script.advance(Duration.ofMillis(1))
			.expect(failure(from, "policy-1", TimeoutException.class), send(Side.CLIENT, close(1011)),
					send(Side.UPSTREAM, close(1011)), resume(from));
		assertThat(this.promise).isCancelled();
	}

	@ParameterizedTest
	@EnumSource
	void timeoutMayLetTheFramePass(Side from) {
		List<Frame> seen = new ArrayList<>();
		this.script.bind(from, PolicyBinding.of("slow", promising()).onError(OnError.FORWARD))
			.policy(from, (frame, context) -> {
				seen.add(frame);
				return Verdict.forward();
			});
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT)
			.expect(failure(from, "slow", TimeoutException.class), forward(from.peer(), text("later")), resume(from));
		assertThat(seen).hasSize(1);
	}

	@ParameterizedTest
	@EnumSource
	void timeoutMayDropTheFrame(Side from) {
		this.script.bind(from, PolicyBinding.of("slow", promising()).onError(OnError.DROP));
		this.script.receive(from, text("later"), text("2")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT)
			.expect(failure(from, "slow", TimeoutException.class), resume(from), forward(from.peer(), text("2")));
	}

	@ParameterizedTest
	@EnumSource
	void eachVerdictHasItsOwnTime(Side from) {
		List<CompletableFuture<Verdict>> promises = new ArrayList<>();
		this.script.policy(from, (frame, context) -> {
			promises.add(new CompletableFuture<>());
			return Verdict.later(promises.get(promises.size() - 1));
		});
		this.script.receive(from, text("1")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT.minusSeconds(1));
		this.script.answer(promises.get(0), Verdict.forward()).expect(forward(from.peer(), text("1")), resume(from));
		this.script.receive(from, text("2")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT.minusSeconds(1)).expectNothing();
		this.script.answer(promises.get(1), Verdict.forward()).expect(forward(from.peer(), text("2")), resume(from));
		this.script.advance(VERDICT_TIMEOUT).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void verdictAfterTheTimeoutIsIgnored(Side from) {
		this.script.bind(from,
				PolicyBinding.of("slow", on("later", Verdict.later(this.promise))).onError(OnError.DROP));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT).expect(failure(from, "slow", TimeoutException.class), resume(from));
		this.script.answer(this.promise, Verdict.close(CloseStatus.NORMAL)).expectNothing();
		this.script.receive(from, text("2")).expect(forward(from.peer(), text("2")));
	}

	@ParameterizedTest
	@EnumSource
	void verdictAfterTheTimeoutIsIgnoredThoughAnotherIsAwaited(Side from) {
		CompletableFuture<Verdict> shared = new CompletableFuture<>();
		this.script.bind(from, PolicyBinding.of("slow", on("1", Verdict.later(shared))).onError(OnError.DROP))
			.policy(from, promising());
		this.script.receive(from, text("1")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT).expect(failure(from, "slow", TimeoutException.class), resume(from));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.answer(shared, Verdict.forward()).expectNothing();
		this.script.answer(this.promise, Verdict.forward()).expect(forward(from.peer(), text("later")), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void verdictThatMissesTheTimeoutByATurnDoesNotHastenTheNext(Side from) {
		Side to = from.peer();
		CompletableFuture<Verdict> next = new CompletableFuture<>();
		Verdict late = new Verdict.Later(this.promise, () -> {
			// What another thread sends before it gives the verdict that is awaited then
			this.script.driver().runSoon(() -> this.script.relay().send(to, PingFrame.of(new byte[0])));
			next.complete(Verdict.forward());
		});
		this.script.bind(from, PolicyBinding.of("slow", always(late)).onError(OnError.FORWARD))
			.policy(from, always(Verdict.later(next)));
		this.script.receive(from, text("hi")).expect(suspend(from));
		this.promise.complete(Verdict.forward());
		this.script.advance(VERDICT_TIMEOUT)
			.expect(failure(from, "slow", TimeoutException.class), send(to, ping("")), forward(to, text("hi")),
					resume(from));
	}

}
