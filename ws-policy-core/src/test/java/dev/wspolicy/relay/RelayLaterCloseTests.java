package dev.wspolicy.relay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The session ends while a verdict is awaited.
 */
class RelayLaterCloseTests extends AbstractPromiseTests {

	private static final Duration VERDICT_TIMEOUT = Duration.ofSeconds(10);

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

	// The end of the session

	@ParameterizedTest
	@EnumSource
	void promiseIsCancelledWhenTheSessionIsClosed(Side from) {
		this.script.policy(from, promisingOnce());
		this.script.receive(from, text("later"), text("skipped")).expect(suspend(from));
		this.script.close(CloseStatus.of(4001), CloseStatus.of(4002))
			.expect(send(Side.CLIENT, close(4001)), send(Side.UPSTREAM, close(4002)), resume(from));
		assertThat(this.promise).isCancelled();
		this.script.advance(VERDICT_TIMEOUT).expect(closeSocket(Side.CLIENT), closeSocket(Side.UPSTREAM));
	}

	@ParameterizedTest
	@EnumSource
	void promiseThatOthersMayShareIsNeverCancelled(Side from) {
		this.script.policy(from, promising());
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.close(CloseStatus.of(4001), CloseStatus.of(4002))
			.expect(send(Side.CLIENT, close(4001)), send(Side.UPSTREAM, close(4002)), resume(from));
		assertThat(this.promise).isNotDone();
	}

	@ParameterizedTest
	@EnumSource
	void promiseThatIsGivenUpByOneIsKeptToTheOther(Side from) {
		Side to = from.peer();
		this.script.bind(from, PolicyBinding.of("slow", promising()).onError(OnError.DROP)).policy(to, promising());
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT.minusSeconds(1)).expectNothing();
		this.script.receive(to, text("later")).expect(suspend(to));
		this.script.advance(Duration.ofSeconds(1)).expect(failure(from, "slow", TimeoutException.class), resume(from));
		this.script.answer(this.promise, Verdict.forward()).expect(forward(from, text("later")), resume(to));
	}

	@ParameterizedTest
	@EnumSource
	void promiseThatIsNeverKeptKeepsNobodyInMemory(Side from) {
		AtomicReference<@Nullable Runnable> listener = new AtomicReference<>();
		CompletableFuture<Verdict> neverKept = new CompletableFuture<>() {

			@Override
			public CompletableFuture<Verdict> whenComplete(BiConsumer<? super Verdict, ? super Throwable> action) {
				listener.set(() -> action.accept(Verdict.forward(), null));
				return this;
			}

		};
		this.script.policy(from, on("later", Verdict.later(neverKept)));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL)
			.expect(send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)), resume(from));
		// Whoever is still to give the verdict reaches nothing: no task is handed in.
		int tasks = this.script.tasks();
		Objects.requireNonNull(listener.get()).run();
		assertThat(this.script.tasks()).isEqualTo(tasks);
	}

	@ParameterizedTest
	@EnumSource
	void promiseThatCannotBeListenedToIsAFailure(Side from) {
		CompletableFuture<Verdict> broken = new CompletableFuture<>() {

			@Override
			public CompletableFuture<Verdict> whenComplete(BiConsumer<? super Verdict, ? super Throwable> action) {
				throw new StackOverflowError("broken");
			}

		};
		this.script.bind(from,
				PolicyBinding.of("failing", on("later", Verdict.later(broken))).onError(OnError.FORWARD));
		this.script.receive(from, text("later"), text("2"))
			.expect(suspend(from), failure(from, "failing", StackOverflowError.class),
					forward(from.peer(), text("later")), resume(from), forward(from.peer(), text("2")));
	}

	@ParameterizedTest
	@EnumSource
	void verdictAfterTheCloseIsIgnored(Side from) {
		this.script.policy(from, on("later", Verdict.later(this.promise)));
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL)
			.expect(send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)), resume(from));
		this.script.answer(this.promise, Verdict.replaceText("late")).expectNothing();
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
		this.script.policy(from, promisingOnce());
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
			.expect(resume(from), terminated(to, by(to), Cause.CONNECTION_LOST, null, null, CloseStatus.NORMAL, null));
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
		this.script.policy(from, promisingOnce());
		this.script.receive(from, text("later"), close(1001)).expect(suspend(from));
		this.script.receive(to, close(1001)).expect(forward(from, close(1001)));
		this.script.advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(closeSocket(from), send(to, close(1001)),
				finish(to), closeSocket(to), resume(from));
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
			return Verdict.later(Mono.fromFuture(this.promise));
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
			return Verdict.later(Mono.fromFuture(this.promise));
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
				send(from.peer(), close(lost(from))), resume(from));
	}

	@ParameterizedTest
	@EnumSource
	void bothPromisesAreCancelledIfThePolicyThatFollowsTheFirstClosesTheSession(Side from) {
		CompletableFuture<Verdict> second = new CompletableFuture<>();
		this.script.bind(from, PolicyBinding.of("slow", promisingOnce()).onError(OnError.FORWARD))
			.policy(from, (frame, context) -> {
				context.session().close(CloseStatus.NORMAL);
				return Verdict.later(Mono.fromFuture(second));
			});
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.advance(VERDICT_TIMEOUT)
			.expect(failure(from, "slow", TimeoutException.class), send(Side.CLIENT, close(1000)),
					send(Side.UPSTREAM, close(1000)), resume(from));
		assertThat(this.promise).isCancelled();
		assertThat(second).isCancelled();
	}

}
