package dev.wspolicy.relay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Verdicts that come later: the direction waits, in order, and the other one does not.
 */
class RelayLaterTests extends AbstractPromiseTests {

	private static final Duration VERDICT_TIMEOUT = Duration.ofSeconds(10);

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
		this.script.policy(from, both).policy(from.peer(), both);
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
		this.script.policy(from, promising()).policy(from.peer(), (frame, context) -> {
			this.promise.complete(Verdict.forward());
			return Verdict.close(CloseStatus.of(4000));
		});
		this.script.receive(from, text("later")).expect(suspend(from));
		RelayAction[] closed = closes(from, CloseStatus.of(4000), CloseStatus.of(4000));
		this.script.receive(from.peer(), text("x")).expect(closed[0], closed[1], resume(from));
	}

}
