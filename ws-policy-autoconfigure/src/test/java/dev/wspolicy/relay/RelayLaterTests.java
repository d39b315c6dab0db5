package dev.wspolicy.relay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mockito.Mockito;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Verdicts that come later: the direction waits, in order, and the other one does not.
 */
class RelayLaterTests extends AbstractRelayTests {

	private static final Duration VERDICT_TIMEOUT = Duration.ofSeconds(10);

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

	private CompletableFuture<Verdict> promise = new CompletableFuture<>();

	@BeforeEach
	void promiseAnew() {
		this.promise = new CompletableFuture<>();
	}

	/** Promises a verdict on the payload "later", lets all others pass. */
	private FramePolicy promising() {
		return on("later", Verdict.later(this.promise));
	}

	@ParameterizedTest
	@EnumSource
	void directionWaitsInOrder(Side from) {
		Side to = from.peer();
		this.script.policy(from, promising());
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.receive(from, ping("1"), text("2"), first("3")).expectNothing();
		this.script.answer(this.promise, Verdict.forward())
			.expect(forward(to, text("later")), resume(from), forward(to, ping("1")), forward(to, text("2")));
		this.script.receive(from, last("4")).expect(forward(to, first("3")), forward(to, last("4")));
	}

	@ParameterizedTest
	@EnumSource
	void otherDirectionIsNotHindered(Side from) {
		Side to = from.peer();
		this.script.policy(from, promising());
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.receive(to, text("1"), ping("2")).expect(forward(from, text("1")), forward(from, ping("2")));
		this.script.answer(this.promise, Verdict.forward()).expect(forward(to, text("later")), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void bothDirectionsMayWaitAtOnce(Side from) {
		Side to = from.peer();
		CompletableFuture<Verdict> other = new CompletableFuture<>();
		this.script.policy(from, promising()).policy(to, always(Verdict.later(other)));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.receive(to, text("x")).expect(suspend(to));
		this.script.answer(this.promise, Verdict.forward()).expect(forward(to, text("later")), resume(from));
		this.script.answer(other, Verdict.forward()).expect(forward(from, text("x")), resume(to));
	}

	@ParameterizedTest
	@EnumSource
	void laterVerdictsAreCarriedOutLikeOthers(Side from) {
		Side to = from.peer();
		List<CompletableFuture<Verdict>> promises = new ArrayList<>();
		this.script.policy(from, (frame, context) -> {
			promises.add(new CompletableFuture<>());
			return Verdict.later(promises.get(promises.size() - 1));
		});
		this.script.receive(from, text("1")).expect(suspend(from));
		this.script.answer(promises.get(0), Verdict.drop()).expect(resume(from));
		this.script.receive(from, text("2")).expect(suspend(from));
		this.script.answer(promises.get(1), Verdict.replace(TextFrame.of("a"), TextFrame.of("b")))
			.expect(send(to, text("a")), send(to, text("b")), resume(from));
		this.script.receive(from, text("3")).expect(suspend(from));
		this.script.answer(promises.get(2), Verdict.replyText("no")).expect(send(from, text("no")), resume(from));
		this.script.receive(from, text("4")).expect(suspend(from));
		this.script.answer(promises.get(3), Verdict.close(CloseStatus.NORMAL))
			.expect(send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void policiesThatFollowAreAskedWhenTheVerdictIsThere(Side from) {
		List<String> seen = new ArrayList<>();
		this.script.policy(from, promising()).policy(from, (frame, context) -> {
			seen.add(payload(frame));
			return Verdict.forward();
		});
		this.script.receive(from, text("later")).expect(suspend(from));
		assertThat(seen).isEmpty();
		this.script.answer(this.promise, Verdict.replace(TextFrame.of("1"), TextFrame.of("2")))
			.expect(send(from.peer(), text("1")), send(from.peer(), text("2")), resume(from));
		assertThat(seen).containsExactly("1", "2");
	}

	@ParameterizedTest
	@EnumSource
	void forwardDoesNotSpareThePoliciesThatFollow(Side from) {
		this.script.policy(from, promising()).policy(from, on("later", Verdict.drop()));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.answer(this.promise, Verdict.forward()).expect(resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void secondPolicyMayPromiseToo(Side from) {
		Side to = from.peer();
		CompletableFuture<Verdict> second = new CompletableFuture<>();
		this.script.policy(from, promising()).policy(from, on("later", Verdict.later(second)));
		this.script.receive(from, text("later"), text("next")).expect(suspend(from));
		this.script.answer(this.promise, Verdict.forward()).expectNothing();
		this.script.answer(second, Verdict.forward())
			.expect(forward(to, text("later")), resume(from), forward(to, text("next")));
	}

	@ParameterizedTest
	@EnumSource
	void framesOfAReplacementWaitForEachOther(Side from) {
		Side to = from.peer();
		this.script.policy(from, on("x", Verdict.replace(TextFrame.of("1"), TextFrame.of("later"), TextFrame.of("3"))))
			.policy(from, promising());
		this.script.receive(from, text("x"), text("4")).expect(send(to, text("1")), suspend(from));
		this.script.answer(this.promise, Verdict.forward())
			.expect(send(to, text("later")), send(to, text("3")), resume(from), forward(to, text("4")));
	}

	@ParameterizedTest
	@EnumSource
	void promiseMayComeToAnotherPromise(Side from) {
		CompletableFuture<Verdict> second = new CompletableFuture<>();
		this.script.policy(from, promising());
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.answer(this.promise, Verdict.later(second)).expectNothing();
		this.script.advance(VERDICT_TIMEOUT.minusMillis(1)).expectNothing();
		this.script.answer(second, Verdict.forward()).expect(forward(from.peer(), text("later")), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void fragmentsWaitToo(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, promising());
		this.script.receive(from, first("a"), next("later"), last("c")).expect(forward(to, first("a")), suspend(from));
		this.script.answer(this.promise, Verdict.drop()).expect(resume(from), forward(to, last("c")));
	}

	@ParameterizedTest
	@EnumSource
	void fragmentWaitsBeforeTheMessageIsAssembled(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, promising()).policy(from, always(Verdict.forward()));
		this.script.receive(from, first("a"), last("later")).expect(suspend(from));
		this.script.answer(this.promise, Verdict.forward())
			.expect(forward(to, first("a")), forward(to, last("later")), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void wholeMessageWaitsWhereOneFragmentHasAllTheBytes(Side from) {
		Side to = from.peer();
		List<Frame> frames = new ArrayList<>();
		this.script.policy(from, (frame, context) -> {
			frames.add(frame);
			return Verdict.later(this.promise);
		});
		this.script.receive(from, first(""), last("abc")).expect(suspend(from));
		assertThat(payload(frames.get(0))).isEqualTo("abc");
		this.script.answer(this.promise, Verdict.forward())
			.expect(forward(to, first("")), forward(to, last("abc")), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void controlFrameWaitsAndIsEncodedAnew(Side from) {
		Side to = from.peer();
		this.script.bind(from,
				PolicyBinding.of("control", promising()).types(FrameType.PING, FrameType.TEXT, FrameType.CLOSE));
		this.script.receive(from, first("a"), ping("later"), last("b")).expect(suspend(from));
		this.script.answer(this.promise, Verdict.forward())
			.expect(send(to, ping("later")), resume(from), forward(to, first("a")), forward(to, last("b")));
	}

	@ParameterizedTest
	@EnumSource
	void closeFrameWaitsAndIsRelayed(Side from) {
		Side to = from.peer();
		this.script.bind(from, PolicyBinding.of("close", always(Verdict.later(this.promise))).types(FrameType.CLOSE));
		this.script.receive(from, close(1000, "bye")).expect(suspend(from));
		assertThat(this.script.isEnding()).isFalse();
		this.script.answer(this.promise, Verdict.forward()).expect(send(to, close(1000, "bye")), resume(from));
		this.script.receive(to, close(1000, "bye")).expect(forward(from, close(1000, "bye")), finish(from), finish(to));
	}

	@ParameterizedTest
	@EnumSource
	void closeFrameBehindAPromiseIsDeliveredAfterIt(Side from) {
		Side to = from.peer();
		this.script.policy(from, promising());
		this.script.receive(from, text("later"), close(1000)).expect(suspend(from));
		assertThat(this.script.isEnding()).isFalse();
		this.script.answer(this.promise, Verdict.forward())
			.expect(forward(to, text("later")), resume(from), forward(to, close(1000)));
	}

	@ParameterizedTest
	@EnumSource
	void lossBehindAPromiseIsToldAfterIt(Side from) {
		Side to = from.peer();
		this.script.policy(from, promising());
		this.script.receive(from, text("later"), text("2")).expect(suspend(from));
		this.script.lose(from).expectNothing();
		this.script.answer(this.promise, Verdict.forward())
			.expect(forward(to, text("later")), resume(from), forward(to, text("2")), send(to, close(lost(from))));
	}

	@ParameterizedTest
	@EnumSource
	void verdictIsGivenAnywhereAndCarriedOutOnTheLoop(Side from) {
		this.script.policy(from, promising());
		this.script.receive(from, text("later")).expect(suspend(from));
		this.promise.complete(Verdict.forward());
		this.script.expectNothing();
		this.script.turn().expect(forward(from.peer(), text("later")), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void verdictMayBeGivenOnTheLoop(Side from) {
		Side to = from.peer();
		this.script.eager().policy(from, promising()).policy(to, (frame, context) -> {
			this.promise.complete(Verdict.forward());
			return Verdict.forward();
		});
		this.script.receive(from, text("later"), text("2")).expect(suspend(from));
		this.script.receive(to, text("x"))
			.expect(forward(from, text("x")), forward(to, text("later")), resume(from), forward(to, text("2")));
	}

	@ParameterizedTest
	@EnumSource
	void policyThatGivesAVerdictIsNotAskedBeforeItHasAnswered(Side from) {
		List<String> calls = new ArrayList<>();
		FramePolicy both = (frame, context) -> {
			calls.add("asked " + payload(frame));
			if (payload(frame).equals("go")) {
				this.promise.complete(Verdict.forward());
			}
			calls.add("answers " + payload(frame));
			return payload(frame).equals("wait") ? Verdict.later(this.promise) : Verdict.forward();
		};
		this.script.eager().policy(from, both).policy(from.peer(), both);
		this.script.receive(from, text("wait"), text("next")).expect(suspend(from));
		this.script.receive(from.peer(), text("go"))
			.expect(forward(from, text("go")), forward(from.peer(), text("wait")), resume(from),
					forward(from.peer(), text("next")));
		assertThat(calls).containsExactly("asked wait", "answers wait", "asked go", "answers go", "asked next",
				"answers next");
	}

	@ParameterizedTest
	@EnumSource
	void verdictThatAPolicyGivesBeforeItClosesTheSessionIsTooLate(Side from) {
		this.script.eager().policy(from, promising()).policy(from.peer(), (frame, context) -> {
			this.promise.complete(Verdict.forward());
			return Verdict.close(CloseStatus.of(4000));
		});
		this.script.receive(from, text("later")).expect(suspend(from));
		RelayAction[] closed = closes(from, CloseStatus.of(4000), CloseStatus.of(4000));
		this.script.receive(from.peer(), text("x")).expect(closed[0], closed[1], resume(from));
	}

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

	@SuppressWarnings("unchecked")
	private static CompletionStage<Verdict> stageOfAnotherKind() {
		CompletionStage<Verdict> stage = Mockito.mock(CompletionStage.class);
		Mockito.when(stage.toCompletableFuture()).thenThrow(new UnsupportedOperationException());
		return stage;
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
		this.script.policy(from, promising());
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
		CompletableFuture<Verdict> stubborn = stubborn();
		this.script.bind(from, PolicyBinding.of("slow", on("later", Verdict.later(stubborn))).onError(OnError.DROP));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT).expect(failure(from, "slow", TimeoutException.class), resume(from));
		this.script.answer(stubborn, Verdict.close(CloseStatus.NORMAL)).expectNothing();
		this.script.receive(from, text("2")).expect(forward(from.peer(), text("2")));
	}

	@ParameterizedTest
	@EnumSource
	void verdictAfterTheTimeoutIsIgnoredThoughAnotherIsAwaited(Side from) {
		CompletableFuture<Verdict> stubborn = stubborn();
		this.script.bind(from, PolicyBinding.of("slow", on("1", Verdict.later(stubborn))).onError(OnError.DROP))
			.policy(from, promising());
		this.script.receive(from, text("1")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT).expect(failure(from, "slow", TimeoutException.class), resume(from));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.answer(stubborn, Verdict.forward()).expectNothing();
		this.script.answer(this.promise, Verdict.forward()).expect(forward(from.peer(), text("later")), resume(from));
	}

	private static CompletableFuture<Verdict> stubborn() {
		return new CompletableFuture<>() {

			@Override
			public boolean cancel(boolean mayInterrupt) {
				return false;
			}

		};
	}

	// The end of the session

	@ParameterizedTest
	@EnumSource
	void promiseIsCancelledWhenTheSessionIsClosed(Side from) {
		this.script.policy(from, promising());
		this.script.receive(from, text("later"), text("skipped")).expect(suspend(from));
		this.script.close(CloseStatus.of(4001), CloseStatus.of(4002))
			.expect(send(Side.CLIENT, close(4001)), send(Side.UPSTREAM, close(4002)), resume(from));
		assertThat(this.promise).isCancelled();
		this.script.advance(VERDICT_TIMEOUT).expect(hangUp(Side.CLIENT), hangUp(Side.UPSTREAM));
	}

	@ParameterizedTest
	@EnumSource
	void verdictAfterTheCloseIsIgnored(Side from) {
		CompletableFuture<Verdict> stubborn = stubborn();
		this.script.policy(from, on("later", Verdict.later(stubborn)));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL)
			.expect(send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)), resume(from));
		this.script.answer(stubborn, Verdict.replaceText("late")).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void frameCannotBeReadAfterTheCloseThoughItsVerdictIsAwaited(Side from) {
		List<Frame> frames = new ArrayList<>();
		this.script.policy(from, (frame, context) -> {
			frames.add(frame);
			return Verdict.later(this.promise);
		});
		this.script.receive(from, text("later")).expect(suspend(from));
		assertThat(payload(frames.get(0))).isEqualTo("later");
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL)
			.expect(send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)), resume(from));
		assertThatIllegalStateException().isThrownBy(() -> frames.get(0).payload());
	}

	@ParameterizedTest
	@EnumSource
	void promiseIsCancelledWhenTheOtherSideIsLost(Side from) {
		Side to = from.peer();
		this.script.policy(from, promising());
		this.script.receive(from, text("later"), close(1000)).expect(suspend(from));
		this.script.lose(to).expect(send(from, close(lost(to))), resume(from), finish(from));
		assertThat(this.promise).isCancelled();
	}

	@ParameterizedTest
	@EnumSource
	void bothSidesAreLostWhileAVerdictIsAwaited(Side from) {
		Side to = from.peer();
		this.script.policy(from, promising());
		this.script.receive(from, text("later"), close(1000)).expect(suspend(from));
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(resume(from),
					terminated(to, by(to), Cause.CONNECTION_LOST, null, null, CloseStatus.NORMAL, lost(to)));
	}

	@ParameterizedTest
	@EnumSource
	void bothSidesAreLostWhileBothVerdictsAreAwaited(Side from) {
		Side to = from.peer();
		CompletableFuture<Verdict> other = new CompletableFuture<>();
		this.script.policy(from, promising()).policy(to, always(Verdict.later(other)));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.receive(to, text("x")).expect(suspend(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to).expectNothing();
		this.script.answer(other, Verdict.forward());
		assertThat(this.script.takeActions()).contains(resume(from), resume(to));
		assertThat(this.script.termination()).isNotNull();
	}

	@ParameterizedTest
	@EnumSource
	void closeOfTheOtherSideIsRelayedWhileAVerdictIsAwaited(Side from) {
		Side to = from.peer();
		this.script.policy(from, promising());
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.receive(to, close(1001)).expect(forward(from, close(1001)));
		this.script.answer(this.promise, Verdict.forward()).expect(forward(to, text("later")), resume(from));
		this.script.receive(from, close(1001)).expect(forward(to, close(1001)), finish(to), finish(from));
	}

	@ParameterizedTest
	@EnumSource
	void closeTimeoutEndsTheWaiting(Side from) {
		Side to = from.peer();
		this.script.policy(from, promising());
		this.script.receive(from, text("later"), close(1001)).expect(suspend(from));
		this.script.receive(to, close(1001)).expect(forward(from, close(1001)));
		this.script.advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(hangUp(from), send(to, close(1001)), finish(to),
				hangUp(to), resume(from));
		assertThat(this.promise).isCancelled();
	}

	@ParameterizedTest
	@EnumSource
	void awaitedCloseFrameCountsAsReceived(Side from) {
		this.script.bind(from, PolicyBinding.of("close", always(Verdict.later(this.promise))).types(FrameType.CLOSE));
		this.script.receive(from, close(1000)).expect(suspend(from));
		this.script.close(CloseStatus.of(4000), CloseStatus.of(4000));
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(Side.CLIENT, close(4000)),
				send(Side.UPSTREAM, close(4000)), finish(from), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void whoeverHearsOfTheCancellationMayCloseTheSession(Side from) {
		this.script.policy(from, (frame, context) -> {
			this.promise.whenComplete((verdict, failure) -> context.session().close(CloseStatus.NORMAL));
			return Verdict.later(this.promise);
		});
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT)
			.expect(failure(from, "policy-1", TimeoutException.class), send(Side.CLIENT, close(1011)),
					send(Side.UPSTREAM, close(1011)), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void promiseOfAPolicyThatHasClosedTheSessionIsCancelled(Side from) {
		this.script.policy(from, (frame, context) -> {
			context.session().close(CloseStatus.NORMAL);
			return Verdict.later(this.promise);
		});
		this.script.receive(from, text("x")).expect(send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)));
		assertThat(this.promise).isCancelled();
	}

	@ParameterizedTest
	@EnumSource
	void promiseThatCannotBeCancelledDoesNoHarm(Side from) {
		this.script.policy(from, (frame, context) -> {
			context.session().close(CloseStatus.NORMAL);
			return Verdict.later(stageOfAnotherKind());
		});
		this.script.receive(from, text("x")).expect(send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)));
	}

	@ParameterizedTest
	@EnumSource
	void policyMayCloseWhenItIsAskedAfterAPromise(Side from) {
		this.script.policy(from, promising()).policy(from, (frame, context) -> {
			context.session().close(CloseStatus.NORMAL);
			frame.payload();
			return Verdict.forward();
		});
		this.script.receive(from, text("later"), text("skipped")).expect(suspend(from));
		this.script.answer(this.promise, Verdict.forward())
			.expect(send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void textThatIsFoundInvalidMeanwhileClosesTheSession(Side from) {
		this.script.policy(from, (frame, context) -> {
			return Verdict.later(this.promise.thenApply((verdict) -> {
				try {
					((TextFrame) frame).text();
				}
				catch (RuntimeException ex) {
					// As if nothing had happened.
				}
				return verdict;
			}));
		});
		this.script.receive(from, ScriptFrame.of(FrameType.TEXT, true, new byte[] { (byte) 0xFF }))
			.expect(suspend(from));
		this.script.answer(this.promise, Verdict.forward());
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(1007, "text is not UTF-8")),
				send(from.peer(), close(1001)), resume(from));
	}

}
