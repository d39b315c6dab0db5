package dev.wspolicy.relay;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.pipeline.Compression;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.LimitOverrides;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

/**
 * What of a session can be set while it lives, and what its driver may find wrong.
 */
class RelaySettingsTests extends AbstractRelayTests {

	private static final CloseStatus GOING_AWAY = CloseStatus.GOING_AWAY;

	private static final CloseStatus NOT_UTF8 = CloseStatus.INVALID_PAYLOAD.withReason("text is not UTF-8");

	private static CloseStatus tooBig(String reason) {
		return CloseStatus.TOO_BIG.withReason(reason);
	}

	// Limits of the session's own

	@ParameterizedTest
	@EnumSource
	void ownLimitTakesThePlaceOfThePipelines(Side from) {
		this.script.limits(from, new Limits(8, 8, 8));
		this.script.receive(from, text("123456")).expect(forward(from.peer(), text("123456")));
		this.script.session().limits(from.sends(), LimitOverrides.ofMessage(5));
		this.script.receive(from, text("12345")).expect(forward(from.peer(), text("12345")));
		this.script.header(from, text("123456")).expect(closes(from, tooBig("message over 5 bytes"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void zeroGoesBackToThePipelines(Side from) {
		this.script.limits(from, new Limits(8, 8, 8));
		this.script.receive(from, text("1")).expect(forward(from.peer(), text("1")));
		this.script.session().limits(from.sends(), new LimitOverrides(0, Long.MAX_VALUE, 0));
		this.script.receive(from, first("12345678"), last("9"))
			.expect(forward(from.peer(), first("12345678")), forward(from.peer(), last("9")));
		this.script.session().limits(from.sends(), LimitOverrides.NONE);
		this.script.receive(from, first("12345678")).expect(forward(from.peer(), first("12345678")));
		this.script.header(from, last("9")).expect(closes(from, tooBig("message over 8 bytes"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void policyMaySetItForTheRestOfAMessage(Side from) {
		this.script.framePolicy(from, (frame, context) -> {
			context.session().limits(context.direction(), new LimitOverrides(0, 0, 2));
			return Verdict.forward();
		});
		this.script.receive(from, first("1"), next("2"))
			.expect(forward(from.peer(), first("1")), forward(from.peer(), next("2")));
		this.script.header(from, last("3")).expect(closes(from, tooBig("message over 2 fragments"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void otherDirectionKeepsItsLimits(Side from) {
		this.script.receive(from, text("1")).expect(forward(from.peer(), text("1")));
		this.script.session().limits(from.sends(), LimitOverrides.ofMessage(1));
		this.script.receive(from.peer(), text("123")).expect(forward(from, text("123")));
	}

	// Text that is always checked

	private static final WireOptions CHECKED = new WireOptions(Masking.PRESERVE, Utf8Validation.ALWAYS,
			Compression.OFF);

	@ParameterizedTest
	@EnumSource
	void textIsHeldUntilItsFrameIsWhole(Side from) {
		this.script.framing(CHECKED);
		this.script.header(from, text("text")).expectNothing();
		this.script.rest(from).expect(forward(from.peer(), text("text")));
		this.script.header(from, first("te")).expectNothing();
		this.script.rest(from).expect(forward(from.peer(), first("te")));
		this.script.header(from, last("xt")).expectNothing();
		this.script.rest(from).expect(forward(from.peer(), last("xt")));
		this.script.header(from, binary(1, 2)).expect(forwardBegins(from.peer(), binary(1, 2)));
		this.script.rest(from).expect(forward(from.peer(), binary(1, 2)));
	}

	@ParameterizedTest
	@EnumSource
	void invalidTextThatIsHeldIsToldToBoth(Side from) {
		this.script.framing(CHECKED);
		this.script.header(from, text("text")).expectNothing();
		CloseStatus toOther = (from == Side.CLIENT) ? GOING_AWAY : CloseStatus.INTERNAL_ERROR;
		this.script.invalid(from, NOT_UTF8).expect(closes(from, NOT_UTF8, toOther));
	}

	@ParameterizedTest
	@EnumSource
	void invalidTextThatIsHalfWrittenResetsTheOtherLeg(Side from) {
		String longText = "x".repeat(64 * 1024 + 1);
		this.script.framing(CHECKED);
		this.script.header(from, text(longText)).expect(forwardBegins(from.peer(), text(longText)));
		this.script.invalid(from, NOT_UTF8).expect(send(from, close(NOT_UTF8)), abort(from.peer()));
		this.script.lose(from.peer()).expectNothing();
		this.script.lose(from)
			.expect(terminated(from, Initiator.GATEWAY, Cause.INVALID_PAYLOAD, null, NOT_UTF8, null, null));
	}

	@ParameterizedTest
	@EnumSource
	void whatIsFoundTooLateCountsNoMore(Side from) {
		this.script.close(GOING_AWAY, GOING_AWAY).expect(closes(from, GOING_AWAY, GOING_AWAY));
		this.script.invalid(from, NOT_UTF8).expectNothing();
	}

	// Another pipeline

	@ParameterizedTest
	@EnumSource
	void anotherPipelineServesOnceAMessageThatIsUnderWayHasEnded(Side from) {
		this.script.policy(from, on("old", Verdict.drop()));
		this.script.receive(from, text("old")).expectNothing();
		this.script.receive(from, first("o")).expectNothing();
		this.script.policy(from, on("new", Verdict.drop()));
		this.script.limits(from, new Limits(3, 3, 3));
		this.script.switchPipeline().expect(switched(from.peer()));
		this.script.receive(from, last("ther"))
			.expect(forward(from.peer(), first("o")), forward(from.peer(), last("ther")), switched(from));
		this.script.receive(from, text("new")).expectNothing();
		this.script.header(from, text("1234")).expect(closes(from, tooBig("frame over 3 bytes"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void anotherPipelineServesAtOnceBetweenMessages(Side from) {
		this.script.receive(from, first("o"), ping("p"), last("ne"))
			.expect(forward(from.peer(), first("o")), forward(from.peer(), ping("p")),
					forward(from.peer(), last("ne")));
		this.script.policy(from, on("new", Verdict.drop()))
			.switchPipeline()
			.expect(switched(Side.CLIENT), switched(Side.UPSTREAM));
		this.script.receive(from, text("new")).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void messageOfWhichOnlyAPartHasComeStaysWithItsPipeline(Side from) {
		this.script.header(from, text("new")).expect(forwardBegins(from.peer(), text("new")));
		this.script.policy(from, on("new", Verdict.drop())).switchPipeline().expect(switched(from.peer()));
		this.script.rest(from).expect(forward(from.peer(), text("new")), switched(from));
		this.script.receive(from, text("new")).expectNothing();
		this.script.header(from, text("new")).expectNothing();
		this.script.policy(from, on("newer", Verdict.drop())).switchPipeline().expect(switched(from.peer()));
		this.script.rest(from).expect(switched(from));
		this.script.receive(from, text("newer")).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void anotherPipelineServesTheMessageBehindOneThatIsDroppedHalfWay(Side from) {
		this.script.framePolicy(from, on("a", Verdict.drop()));
		this.script.receive(from, first("a")).expectNothing();
		this.script.unbind(from, "policy-1").switchPipeline().expect(switched(from.peer()));
		this.script.receive(from, last("b")).expectNothing();
		this.script.receive(from, first("a")).expect(switched(from), forward(from.peer(), first("a")));
	}

	/** A peer that only sends pings from now on would keep the old pipeline for ever. */
	@ParameterizedTest
	@EnumSource
	void anotherPipelineServesWhatComesBehindAMessageThatIsDroppedHalfWayAndAPing(Side from) {
		this.script.framePolicy(from, on("a", Verdict.drop()));
		this.script.receive(from, first("a")).expectNothing();
		this.script.unbind(from, "policy-1").switchPipeline().expect(switched(from.peer()));
		this.script.receive(from, last("b")).expectNothing();
		this.script.receive(from, ping("p")).expect(forward(from.peer(), ping("p")), switched(from));
	}

	@ParameterizedTest
	@EnumSource
	void messageWhoseVerdictIsAwaitedStaysWithItsPipeline(Side from) {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		this.script.policy(from, on("slow", Verdict.later(promise)));
		this.script.receive(from, text("slow")).expect(suspend(from));
		this.script.policy(from, on("slow", Verdict.drop())).switchPipeline().expect(switched(from.peer()));
		this.script.answer(promise, Verdict.forward())
			.expect(forward(from.peer(), text("slow")), switched(from), resume(from));
		this.script.receive(from, text("next")).expect(forward(from.peer(), text("next")));
	}

	@ParameterizedTest
	@EnumSource
	void ownLimitsOutliveThePipeline(Side from) {
		this.script.receive(from, text("1")).expect(forward(from.peer(), text("1")));
		this.script.session().limits(from.sends(), LimitOverrides.ofMessage(2));
		this.script.switchPipeline().expect(switched(Side.CLIENT), switched(Side.UPSTREAM));
		this.script.receive(from, text("12")).expect(forward(from.peer(), text("12")));
		this.script.header(from, text("123")).expect(closes(from, tooBig("message over 2 bytes"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void frameWhosePolicyFailsIsShownToTheOthersBeforeASwitch(Side from) {
		this.script.bind(from, PolicyBinding.of("failing", (frame, context) -> {
			throw new IllegalStateException("failed");
		}).onError(OnError.FORWARD)).switchesOnFailure();
		this.script.receive(from, text("hi"))
			.expect(failure(from, "failing", IllegalStateException.class), switched(from.peer()),
					forward(from.peer(), text("hi")), switched(from));
	}

	@ParameterizedTest
	@EnumSource
	void frameWhoseVerdictIsLateIsShownToTheOthersBeforeASwitch(Side from) {
		this.script
			.bind(from,
					PolicyBinding.of("slow", always(Verdict.later(new CompletableFuture<>()))).onError(OnError.FORWARD))
			.switchesOnFailure();
		this.script.receive(from, text("hi")).expect(suspend(from));
		this.script.advance(Timeouts.DEFAULT.verdict())
			.expect(failure(from, "slow", TimeoutException.class), switched(from.peer()),
					forward(from.peer(), text("hi")), switched(from), resume(from));
	}

}
