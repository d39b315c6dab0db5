package dev.wspolicy.relay;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Peers that break RFC 6455 or their limits: they are told so, and the other one is told
 * that the session is over.
 */
class RelayViolationTests extends AbstractRelayTests {

	private static final CloseStatus GOING_AWAY = CloseStatus.GOING_AWAY;

	private static CloseStatus error(String reason) {
		return CloseStatus.PROTOCOL_ERROR.withReason(reason);
	}

	private static Stream<Arguments> onEachSide(Arguments... cases) {
		return Stream.of(Side.values()).flatMap((from) -> Stream.of(cases).map((arguments) -> {
			List<Object> all = new ArrayList<>(List.of(from));
			all.addAll(List.of(arguments.get()));
			return Arguments.of(all.toArray());
		}));
	}

	// Headers

	static Stream<Arguments> wrongHeaders() {
		return onEachSide(Arguments.of(text("x").rsv(1), "RSV bit set"), Arguments.of(text("x").rsv(2), "RSV bit set"),
				Arguments.of(binary(1).rsv(4), "RSV bit set"), Arguments.of(ping("x").rsv(4), "RSV bit set"),
				Arguments.of(text("x").opcode(3), "reserved opcode"),
				Arguments.of(text("x").opcode(7), "reserved opcode"),
				Arguments.of(text("x").opcode(0xB), "reserved opcode"),
				Arguments.of(text("x").opcode(0xF), "reserved opcode"),
				Arguments.of(text("x").longForm(), "bad length"), Arguments.of(ping("x").longForm(), "bad length"),
				Arguments.of(ping("x").unfinished(), "fragmented control frame"),
				Arguments.of(pong("x").unfinished(), "fragmented control frame"),
				Arguments.of(ping("x".repeat(126)), "control frame too long"),
				Arguments.of(close(1000).claiming(126), "control frame too long"),
				Arguments.of(next("x"), "continuation of nothing"), Arguments.of(last("x"), "continuation of nothing"));
	}

	@ParameterizedTest
	@MethodSource("wrongHeaders")
	void wrongHeaderEndsTheSession(Side from, ScriptFrame frame, String reason) {
		Side to = from.peer();
		this.script.header(from, frame).expect(closes(from, error(reason), GOING_AWAY));
		this.script.rest(from).expectNothing();
		this.script.receive(from, text("skipped"), close(1002)).expect(finish(from));
		this.script.receive(to, text("skipped"), close(1001)).expect(finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(terminated(from, Initiator.GATEWAY, Cause.PROTOCOL_VIOLATION, CloseStatus.PROTOCOL_ERROR,
					error(reason), GOING_AWAY, GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void wrongMaskEndsTheSession(Side from) {
		this.script.receive(from, text("x").wronglyMasked())
			.expect(closes(from, error((from == Side.CLIENT) ? "unmasked frame" : "masked frame"), GOING_AWAY));
	}

	static Stream<Arguments> wrongSequences() {
		return onEachSide(Arguments.of(text("x")), Arguments.of(binary(1)), Arguments.of(first("x")));
	}

	@ParameterizedTest
	@MethodSource("wrongSequences")
	void messageWithinAMessageEndsTheSession(Side from, ScriptFrame frame) {
		this.script.receive(from, first("a"), next("b"))
			.expect(forward(from.peer(), first("a")), forward(from.peer(), next("b")));
		this.script.receive(from, frame).expect(closes(from, error("message within a message"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void continuationAfterTheEndOfAMessageEndsTheSession(Side from) {
		this.script.receive(from, first("a"), last("b"))
			.expect(forward(from.peer(), first("a")), forward(from.peer(), last("b")));
		this.script.receive(from, next("c")).expect(closes(from, error("continuation of nothing"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void lengthWithItsTopBitSetLeavesNothingToReadOn(Side from) {
		Side to = from.peer();
		this.script.header(from, text("").claiming(-1));
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(error("bad length"))),
				send(to, close(GOING_AWAY)), finish(from));
		this.script.rest(from).expectNothing();
		this.script.receive(from, close(1000)).expectNothing();
		this.script.receive(to, close(1001)).expect(finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(terminated(from, Initiator.GATEWAY, Cause.PROTOCOL_VIOLATION, null, error("bad length"), GOING_AWAY,
					GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void lengthWithItsTopBitSetWhileTheCloseFrameWaits(Side from) {
		Side to = from.peer();
		this.script.header(to, text("long")).expect(forwardBegins(from, text("long")));
		this.script.header(from, text("").claiming(Long.MIN_VALUE)).expect(send(to, close(GOING_AWAY)));
		this.script.rest(to).expect(forward(from, text("long")), send(from, close(error("bad length"))), finish(from));
	}

	@ParameterizedTest
	@EnumSource
	void lengthWithItsTopBitSetAfterTheCloseFrameDoesNotEndTheHandshake(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(1000)).expect(forward(to, close(1000)));
		this.script.header(from, text("").claiming(-1)).expectNothing();
		this.script.receive(to, text("more"), close(1000))
			.expect(forward(from, text("more")), forward(from, close(1000)), finish(from), finish(to));
	}

	@ParameterizedTest
	@EnumSource
	void closeFrameThatIsWrongStillAnswersTheGateways(Side from) {
		this.script.receive(from, close(1000).wronglyMasked());
		assertThat(this.script.takeActions()).contains(finish(from)).doesNotContain(finish(from.peer()));
	}

	@ParameterizedTest
	@EnumSource
	void closeFrameThatIsTooLongDoesNot(Side from) {
		this.script.header(from, close(1000).claiming(126));
		assertThat(this.script.takeActions()).doesNotContain(finish(from));
	}

	@ParameterizedTest
	@EnumSource
	void violationEndsTheSenderEvenIfItsLegHasAFrameHalfWritten(Side from) {
		Side to = from.peer();
		this.script.header(to, text("long")).expect(forwardBegins(from, text("long")));
		this.script.receive(from, text("x").rsv(1)).expect(send(to, close(GOING_AWAY)));
		this.script.receive(from, close(1002)).expectNothing();
		this.script.rest(to).expect(forward(from, text("long")), send(from, close(error("RSV bit set"))), finish(from));
	}

	@ParameterizedTest
	@EnumSource
	void violationForgetsWhatIsHeld(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		this.script.receive(from, first("held")).expectNothing();
		this.script.receive(from, text("x")).expect(closes(from, error("message within a message"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void violationDuringTheHandshakeOfTheOther(Side from) {
		Side to = from.peer();
		this.script.receive(to, close(1000)).expect(forward(from, close(1000)));
		this.script.receive(from, text("x").rsv(1)).expect(send(to, close(GOING_AWAY)), finish(to));
		this.script.receive(from, close(1000)).expect(finish(from));
		this.script.lose(to).expectNothing();
		this.script.lose(from)
			.expect(terminated(to, by(to), Cause.CLOSE_FRAME, CloseStatus.NORMAL, GOING_AWAY, CloseStatus.NORMAL,
					CloseStatus.NORMAL));
	}

	// Close payloads

	static Stream<Arguments> wrongClosePayloads() {
		CloseStatus bad = error("bad close payload");
		return onEachSide(Arguments.of(closeBytes(3), bad), Arguments.of(closeBytes(0, 0), bad),
				Arguments.of(closeBytes(999 >> 8, 999 & 0xFF), bad),
				Arguments.of(closeBytes(1004 >> 8, 1004 & 0xFF), bad),
				Arguments.of(closeBytes(1005 >> 8, 1005 & 0xFF), bad),
				Arguments.of(closeBytes(1006 >> 8, 1006 & 0xFF), bad),
				Arguments.of(closeBytes(1015 >> 8, 1015 & 0xFF), bad),
				Arguments.of(closeBytes(2999 >> 8, 2999 & 0xFF), bad),
				Arguments.of(closeBytes(5000 >> 8, 5000 & 0xFF), bad), Arguments.of(closeBytes(0xFF, 0xFF), bad),
				Arguments.of(closeBytes(3, 0xE8, 0xFF),
						CloseStatus.INVALID_PAYLOAD.withReason("close reason is not UTF-8")),
				Arguments.of(closeBytes(3, 0xE8, 'a', 0xC3),
						CloseStatus.INVALID_PAYLOAD.withReason("close reason is not UTF-8")));
	}

	@ParameterizedTest
	@MethodSource("wrongClosePayloads")
	void wrongClosePayloadEndsTheSession(Side from, ScriptFrame frame, CloseStatus status) {
		Side to = from.peer();
		this.script.receive(from, frame);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(status)),
				send(to, close(GOING_AWAY)), finish(from));
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(terminated(from, Initiator.GATEWAY,
					(status.code() == 1007) ? Cause.INVALID_PAYLOAD : Cause.PROTOCOL_VIOLATION, CloseStatus.EMPTY,
					status, null, GOING_AWAY));
	}

	@ParameterizedTest
	@MethodSource("wrongClosePayloads")
	void wrongClosePayloadStillAnswersTheGateways(Side from, ScriptFrame frame) {
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL)
			.expect(closes(from, CloseStatus.NORMAL, CloseStatus.NORMAL));
		this.script.receive(from, frame).expect(finish(from));
	}

	@ParameterizedTest
	@EnumSource
	void wrongClosePayloadIsNotShownToPolicies(Side from) {
		List<Object> seen = new ArrayList<>();
		FramePolicy policy = (frame, context) -> {
			seen.add(frame);
			return Verdict.forward();
		};
		this.script.bind(from, PolicyBinding.of("close", policy).types(FrameType.CLOSE));
		this.script.receive(from, closeBytes(1));
		this.script.takeActions();
		assertThat(seen).isEmpty();
	}

	// Text that is not UTF-8

	private static final ScriptFrame INVALID = ScriptFrame.of(FrameType.TEXT, true, new byte[] { 'a', (byte) 0xC3 });

	private static final CloseStatus NOT_UTF8 = CloseStatus.INVALID_PAYLOAD.withReason("text is not UTF-8");

	private static final FramePolicy READING = (frame, context) -> {
		((TextFrame) frame).text();
		return Verdict.forward();
	};

	@ParameterizedTest
	@EnumSource
	void invalidTextThatIsReadEndsTheSession(Side from) {
		this.script.policy(from, READING);
		this.script.receive(from, INVALID).expect(closes(from, NOT_UTF8, GOING_AWAY));
		this.script.lose(from.peer()).expectNothing();
		this.script.lose(from)
			.expect(terminated(from, Initiator.GATEWAY, Cause.INVALID_PAYLOAD, null, NOT_UTF8, null, GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void invalidTextThatIsNotReadPasses(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		this.script.receive(from, INVALID).expect(forward(from.peer(), INVALID));
	}

	@ParameterizedTest
	@EnumSource
	void invalidTextInFragmentsEndsTheSession(Side from) {
		this.script.policy(from, READING);
		this.script.receive(from, INVALID.unfinished(), last("b")).expect(closes(from, NOT_UTF8, GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void invalidTextEndsTheSessionEvenIfThePolicyCatchesTheException(Side from) {
		List<Verdict> verdicts = List.of(Verdict.forward(), Verdict.drop(), Verdict.replaceText("x"),
				Verdict.replyText("x"), Verdict.close(CloseStatus.NORMAL));
		for (Verdict verdict : verdicts) {
			RelayScript script = new RelayScript().policy(from, (frame, context) -> {
				assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(() -> ((TextFrame) frame).text());
				return verdict;
			});
			script.receive(from, INVALID).expect(closes(from, NOT_UTF8, GOING_AWAY));
		}
	}

	@ParameterizedTest
	@EnumSource(OnError.class)
	void invalidTextIsNoFailureOfThePolicy(OnError onError) {
		Side from = Side.CLIENT;
		this.script.bind(from, PolicyBinding.of("reading", READING).onError(onError));
		this.script.receive(from, INVALID).expect(closes(from, NOT_UTF8, GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void invalidTextEndsTheSessionThoughThePromiseForwards(Side from) {
		this.script.policy(from, (frame, context) -> {
			assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(() -> ((TextFrame) frame).text());
			return Verdict.later(CompletableFuture.completedFuture(Verdict.forward()));
		});
		this.script.receive(from, INVALID).expect(closes(from, NOT_UTF8, GOING_AWAY));
	}

	// Limits

	private static CloseStatus tooBig(String reason) {
		return CloseStatus.TOO_BIG.withReason(reason);
	}

	@ParameterizedTest
	@EnumSource
	void frameOverItsLimitEndsTheSessionAtItsHeader(Side from) {
		this.script.limits(from, new Limits(3, Long.MAX_VALUE, Long.MAX_VALUE));
		this.script.receive(from, text("123")).expect(forward(from.peer(), text("123")));
		this.script.receive(from, ping("12345")).expect(forward(from.peer(), ping("12345")));
		this.script.header(from, text("1234")).expect(closes(from, tooBig("frame over 3 bytes"), GOING_AWAY));
		this.script.rest(from).expectNothing();
		this.script.lose(from).expectNothing();
		this.script.lose(from.peer())
			.expect(terminated(from, Initiator.GATEWAY, Cause.LIMIT_EXCEEDED, null, tooBig("frame over 3 bytes"), null,
					GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void otherDirectionHasItsOwnLimits(Side from) {
		this.script.limits(from, new Limits(1, 1, 1));
		this.script.receive(from.peer(), text("1234")).expect(forward(from, text("1234")));
	}

	@ParameterizedTest
	@EnumSource
	void messageOverItsLimitEndsTheSession(Side from) {
		Side to = from.peer();
		this.script.limits(from, new Limits(Long.MAX_VALUE, 4, Long.MAX_VALUE));
		this.script.receive(from, first("12"), last("34")).expect(forward(to, first("12")), forward(to, last("34")));
		this.script.receive(from, text("1234")).expect(forward(to, text("1234")));
		this.script.receive(from, first("12"), next(""), ping("1234567"))
			.expect(forward(to, first("12")), forward(to, next("")), forward(to, ping("1234567")));
		this.script.header(from, last("345")).expect(closes(from, tooBig("message over 4 bytes"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void messageOverItsLimitIsForgotten(Side from) {
		this.script.limits(from, new Limits(Long.MAX_VALUE, 4, Long.MAX_VALUE)).policy(from, always(Verdict.forward()));
		this.script.receive(from, first("12")).expectNothing();
		this.script.header(from, next("345")).expect(closes(from, tooBig("message over 4 bytes"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void moreFragmentsThanAllowedEndTheSession(Side from) {
		Side to = from.peer();
		this.script.limits(from, new Limits(Long.MAX_VALUE, Long.MAX_VALUE, 2));
		this.script.receive(from, first("1"), ping("x"), last("2"))
			.expect(forward(to, first("1")), forward(to, ping("x")), forward(to, last("2")));
		this.script.receive(from, first("1"), next("2")).expect(forward(to, first("1")), forward(to, next("2")));
		this.script.header(from, last("")).expect(closes(from, tooBig("message over 2 fragments"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void fragmentsOfADroppedMessageCount(Side from) {
		this.script.limits(from, new Limits(Long.MAX_VALUE, 4, Long.MAX_VALUE))
			.framePolicy(from, always(Verdict.drop()));
		this.script.receive(from, first("12"), next("34")).expectNothing();
		this.script.header(from, next("5")).expect(closes(from, tooBig("message over 4 bytes"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void sumOfLengthsDoesNotOverflow(Side from) {
		this.script.limits(from, new Limits(Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MAX_VALUE));
		this.script.receive(from, first("12")).expect(forward(from.peer(), first("12")));
		this.script.header(from, next("").claiming(Long.MAX_VALUE))
			.expect(closes(from, tooBig("message over " + (Long.MAX_VALUE - 1) + " bytes"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void messageThatIsReadMustFitIntoAnArray(Side from) {
		int most = Integer.MAX_VALUE - 8;
		this.script.policy(from, always(Verdict.forward()));
		this.script.receive(from, first("1")).expectNothing();
		this.script.header(from, next("").claiming(most))
			.expect(closes(from, tooBig("more than " + most + " bytes"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void frameThatIsReadMustFitIntoAnArrayButNotItsMessage(Side from) {
		int most = Integer.MAX_VALUE - 8;
		this.script.framePolicy(from, always(Verdict.forward()));
		this.script.receive(from, first("1")).expect(forward(from.peer(), first("1")));
		this.script.header(from, next("").claiming(most)).expectNothing();
		RelayScript other = new RelayScript().framePolicy(from, always(Verdict.forward()));
		other.header(from, text("").claiming(most + 1L))
			.expect(closes(from, tooBig("more than " + most + " bytes"), GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void messageThatNobodyReadsMayBeOfAnyLength(Side from) {
		ScriptFrame huge = text("").claiming(Long.MAX_VALUE);
		this.script.header(from, huge).expect(forwardBegins(from.peer(), huge));
	}

}
