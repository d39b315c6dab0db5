package dev.wspolicy.relay;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;

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
		this.script.header(from, frame).expect(closes(from, error(reason), lost(from)));
		this.script.rest(from).expectNothing();
		this.script.receive(from, text("skipped"), close(1002)).expect(finish(from));
		this.script.receive(to, text("skipped"), close(lost(from))).expect(finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(terminated(from, Initiator.GATEWAY, Cause.PROTOCOL_VIOLATION, CloseStatus.PROTOCOL_ERROR,
					error(reason), lost(from), lost(from)));
	}

	@ParameterizedTest
	@EnumSource
	void wrongMaskEndsTheSession(Side from) {
		this.script.receive(from, text("x").wronglyMasked())
			.expect(closes(from, error((from == Side.CLIENT) ? "unmasked frame" : "masked frame"), lost(from)));
	}

	static Stream<Arguments> wrongSequences() {
		return onEachSide(Arguments.of(text("x")), Arguments.of(binary(1)), Arguments.of(first("x")));
	}

	@ParameterizedTest
	@MethodSource("wrongSequences")
	void messageWithinAMessageEndsTheSession(Side from, ScriptFrame frame) {
		this.script.receive(from, first("a"), next("b"))
			.expect(forward(from.peer(), first("a")), forward(from.peer(), next("b")));
		this.script.receive(from, frame).expect(closes(from, error("message within a message"), lost(from)));
	}

	@ParameterizedTest
	@EnumSource
	void continuationAfterTheEndOfAMessageEndsTheSession(Side from) {
		this.script.receive(from, first("a"), last("b"))
			.expect(forward(from.peer(), first("a")), forward(from.peer(), last("b")));
		this.script.receive(from, next("c")).expect(closes(from, error("continuation of nothing"), lost(from)));
	}

	@ParameterizedTest
	@EnumSource
	void lengthWithItsTopBitSetLeavesNothingToReadOn(Side from) {
		Side to = from.peer();
		this.script.header(from, text("").claiming(-1));
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(error("bad length"))),
				send(to, close(lost(from))), finish(from));
		this.script.rest(from).expectNothing();
		this.script.receive(from, close(1000)).expectNothing();
		this.script.receive(to, close(lost(from))).expect(finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(terminated(from, Initiator.GATEWAY, Cause.PROTOCOL_VIOLATION, null, error("bad length"), lost(from),
					lost(from)));
	}

	@ParameterizedTest
	@EnumSource
	void lengthWithItsTopBitSetWhileTheCloseFrameWaits(Side from) {
		Side to = from.peer();
		this.script.header(to, text("long")).expect(forwardBegins(from, text("long")));
		this.script.header(from, text("").claiming(Long.MIN_VALUE)).expect(send(to, close(lost(from))));
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
	void closeFrameOfAnyLengthThatIsAllowedAnswersTheGateways(Side from) {
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL)
			.expect(send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)));
		this.script.receive(from, close(CloseStatus.EMPTY)).expect(finish(from));
		this.script.receive(from.peer(), close(1000, "x".repeat(123))).expect(finish(from.peer()));
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
		this.script.receive(from, text("x").rsv(1)).expect(send(to, close(lost(from))));
		this.script.receive(from, close(1002)).expectNothing();
		this.script.rest(to).expect(forward(from, text("long")), send(from, close(error("RSV bit set"))), finish(from));
	}

	@ParameterizedTest
	@EnumSource
	void violationForgetsWhatIsHeld(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		this.script.receive(from, first("held")).expectNothing();
		this.script.receive(from, text("x")).expect(closes(from, error("message within a message"), lost(from)));
	}

	@ParameterizedTest
	@EnumSource
	void violationDuringTheHandshakeOfTheOtherGivesThatItsOwnStatusBack(Side from) {
		Side to = from.peer();
		CloseStatus bye = CloseStatus.of(4000, "bye");
		this.script.receive(to, close(bye)).expect(forward(from, close(bye)));
		this.script.receive(from, text("x").rsv(1)).expect(send(to, close(bye)), finish(to));
		this.script.receive(from, close(1000)).expect(finish(from));
		this.script.lose(to).expectNothing();
		this.script.lose(from).expect(terminated(to, by(to), Cause.CLOSE_FRAME, bye, bye, CloseStatus.NORMAL, bye));
	}

	@ParameterizedTest
	@EnumSource
	void wrongAnswerGivesTheOtherItsOwnStatusBack(Side from) {
		Side to = from.peer();
		CloseStatus bye = CloseStatus.of(4000, "bye");
		this.script.receive(to, close(bye)).expect(forward(from, close(bye)));
		this.script.receive(from, closeBytes(2000 >> 8, 2000 & 0xFF))
			.expect(send(to, close(bye)), finish(to), finish(from));
		this.script.lose(to).expectNothing();
		this.script.lose(from).takeActions();
		Termination termination = Objects.requireNonNull(this.script.termination());
		assertThat(termination.cause()).isEqualTo(Cause.CLOSE_FRAME);
		assertThat(Objects.requireNonNull((from == Side.CLIENT) ? termination.fromClient() : termination.fromUpstream())
			.code()).isEqualTo(2000);
	}

	@ParameterizedTest
	@EnumSource
	void stalledFrameGivesTheOtherItsOwnStatusBack(Side from) {
		Side to = from.peer();
		CloseStatus bye = CloseStatus.of(4000, "bye");
		this.script.policy(from, always(Verdict.forward()));
		this.script.receive(to, close(bye)).expect(forward(from, close(bye)));
		this.script.header(from, text("held")).expectNothing();
		this.script.stall(from).expect(send(to, close(bye)), finish(to));
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
				Arguments.of(closeBytes(3, 0xE8, 'a', 0xE0, 0x80),
						CloseStatus.INVALID_PAYLOAD.withReason("close reason is not UTF-8")));
	}

	@ParameterizedTest
	@MethodSource("wrongClosePayloads")
	void wrongClosePayloadEndsTheSession(Side from, ScriptFrame frame, CloseStatus status) {
		Side to = from.peer();
		this.script.receive(from, frame);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(status)),
				send(to, close(lost(from))), finish(from));
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(terminated(from, Initiator.GATEWAY,
					(status.code() == 1007) ? Cause.INVALID_PAYLOAD : Cause.PROTOCOL_VIOLATION,
					((CloseFrame) FrameAccess.frame(FrameType.CLOSE, true, new ScriptPayload(frame.bytes())))
						.received(),
					status, null, lost(from)));
	}

	@ParameterizedTest
	@EnumSource
	void codeThatCameIsTold(Side from) {
		this.script.receive(from, closeBytes(2000 >> 8, 2000 & 0xFF, 'w')).takeActions();
		this.script.lose(from.peer()).expectNothing();
		this.script.lose(from).takeActions();
		Termination termination = Objects.requireNonNull(this.script.termination());
		CloseStatus came = Objects
			.requireNonNull((from == Side.CLIENT) ? termination.fromClient() : termination.fromUpstream());
		assertThat(came.code()).isEqualTo(2000);
		assertThat(came.reason()).isEqualTo("w");
		assertThat(came.isValid()).isFalse();
	}

	@ParameterizedTest
	@EnumSource
	void reasonThatIsCutWithinACharacterEndsBeforeIt(Side from) {
		Side to = from.peer();
		this.script.receive(from, closeBytes(0x0F, 0xA0, 'n', 'o', 0xE2, 0x82)).expect(send(to, close(4000, "no")));
		this.script.receive(to, close(4000)).expect(forward(from, close(4000)), finish(from), finish(to));
		this.script.lose(to).expectNothing();
		this.script.lose(from)
			.expect(terminated(from, by(from), Cause.CLOSE_FRAME, CloseStatus.of(4000, "no"), CloseStatus.of(4000),
					CloseStatus.of(4000), CloseStatus.of(4000, "no")));
	}

	@ParameterizedTest
	@EnumSource
	void answerOf1005ToAnEmptyCloseFrameIsTakenForAnEmptyOne(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(CloseStatus.EMPTY)).expect(forward(to, close(CloseStatus.EMPTY)));
		this.script.receive(to, closeBytes(1005 >> 8, 1005 & 0xFF))
			.expect(send(from, close(CloseStatus.EMPTY)), finish(from), finish(to));
		this.script.lose(to).expectNothing();
		this.script.lose(from)
			.expect(terminated(from, by(from), Cause.CLOSE_FRAME, CloseStatus.EMPTY, CloseStatus.EMPTY,
					CloseStatus.EMPTY, CloseStatus.EMPTY));
	}

	@ParameterizedTest
	@EnumSource
	void answerOf1005IsShownToPoliciesIfItIsTakenForAnEmptyOne(Side from) {
		Side to = from.peer();
		this.script.bind(to, control(seeing("a", always(Verdict.forward())), FrameType.CLOSE));
		this.script.receive(from, close(CloseStatus.EMPTY)).expect(forward(to, close(CloseStatus.EMPTY)));
		this.script.receive(to, closeBytes(1005 >> 8, 1005 & 0xFF))
			.expect(send(from, close(CloseStatus.EMPTY)), finish(from), finish(to));
		assertThat(this.seen).hasSize(1);
	}

	@ParameterizedTest
	@EnumSource
	void answerOf1005ToAnotherCloseFrameIsWrong(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(1000)).expect(forward(to, close(1000)));
		this.script.receive(to, closeBytes(1005 >> 8, 1005 & 0xFF))
			.expect(send(from, close(1000)), finish(from), finish(to));
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

}
