package dev.wspolicy.relay;

import java.time.Duration;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How sessions end (RFC 6455, section 7), and what is told of it in the end.
 */
class RelayCloseTests extends AbstractRelayTests {

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

	private static final CloseStatus BYE = CloseStatus.of(1000, "bye");

	static Stream<Arguments> statusesOfEachSide() {
		return Stream.of(Side.values())
			.flatMap((from) -> Stream.concat(
					Stream
						.of(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
								4999)
						.map((code) -> CloseStatus.of(code, "why")),
					Stream.of(CloseStatus.EMPTY, CloseStatus.NORMAL, CloseStatus.of(4000, "\u00e9".repeat(61))))
				.map((status) -> Arguments.of(from, status)));
	}

	// A peer closes

	@ParameterizedTest
	@MethodSource("statusesOfEachSide")
	void closeFrameIsRelayedAndSoIsTheReply(Side from, CloseStatus status) {
		Side to = from.peer();
		this.script.receive(from, close(status)).expect(forward(to, close(status)));
		assertThat(this.script.isEnding()).isTrue();
		this.script.receive(to, close(status)).expect(forward(from, close(status)), finish(from), finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to).expect(terminated(from, by(from), Cause.CLOSE_FRAME, status, status, status, status));
	}

	@ParameterizedTest
	@EnumSource
	void replyMayDifferFromTheCloseFrame(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(to, close(CloseStatus.EMPTY))
			.expect(forward(from, close(CloseStatus.EMPTY)), finish(from), finish(to));
		this.script.lose(to).expectNothing();
		this.script.lose(from)
			.expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, CloseStatus.EMPTY, CloseStatus.EMPTY, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void sideThatHasClosedIsStillSentWhatTheOtherSays(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(to, text("1"), first("2"), ping("3"), last("4"))
			.expect(forward(from, text("1")), forward(from, first("2")), forward(from, ping("3")),
					forward(from, last("4")));
		this.script.receive(to, close(BYE)).expect(forward(from, close(BYE)), finish(from), finish(to));
	}

	@ParameterizedTest
	@EnumSource
	void whatASideSendsAfterItsCloseFrameIsIgnored(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(from, text("late"), ping("late"), last("wrong"), close(4000), text("").rsv(7))
			.expectNothing();
		assertThat(this.script.isDiscarded(from)).isTrue();
		assertThat(this.script.isDiscarded(to)).isFalse();
		this.script.receive(to, close(BYE)).expect(forward(from, close(BYE)), finish(from), finish(to));
		this.script.receive(from, text("later")).expectNothing();
		this.script.receive(to, text("later")).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void closeFrameMayStandInsideAFragmentedMessage(Side from) {
		Side to = from.peer();
		this.script.receive(from, first("a")).expect(forward(to, first("a")));
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
	}

	@ParameterizedTest
	@EnumSource
	void closeFrameComesBehindWhatIsHalfWrittenTheOtherWay(Side from) {
		Side to = from.peer();
		this.script.header(to, text("long")).expect(forwardBegins(from, text("long")));
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.rest(to).expect(forward(from, text("long")));
		this.script.receive(to, close(BYE)).expect(forward(from, close(BYE)), finish(from), finish(to));
	}

	@ParameterizedTest
	@EnumSource
	void bothCloseAtOnce(Side from) {
		Side to = from.peer();
		this.script.header(to, close(4002)).expectNothing();
		this.script.receive(from, close(4001)).expect(forward(to, close(4001)));
		this.script.rest(to).expect(forward(from, close(4002)), finish(from), finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(terminated(from, by(from), Cause.CLOSE_FRAME, CloseStatus.of(4001), CloseStatus.of(4002),
					CloseStatus.of(4002), CloseStatus.of(4001)));
	}

	@ParameterizedTest
	@EnumSource
	void closeTimeoutEndsSocketsOfPeersThatDoNot(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(to, close(BYE)).expect(forward(from, close(BYE)), finish(from), finish(to));
		this.script.advance(CLOSE_TIMEOUT).expect(closeSocket(Side.CLIENT), closeSocket(Side.UPSTREAM));
		this.script.lose(to).expectNothing();
		this.script.lose(from).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, BYE, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void closeTimeoutAnswersInPlaceOfAPeerThatDoesNot(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.advance(CLOSE_TIMEOUT.minusMillis(1)).expectNothing();
		this.script.advance(Duration.ofMillis(1));
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(BYE)), finish(from),
				closeSocket(from), closeSocket(to));
		this.script.receive(to, text("skipped"), close(BYE)).expectNothing();
		this.script.lose(from).expectNothing();
		this.script.lose(to).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, BYE, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void closeTimeoutWhileTheOtherSideHasAFrameHalfWritten(Side from) {
		Side to = from.peer();
		this.script.header(to, text("long")).expect(forwardBegins(from, text("long")));
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(abort(from), closeSocket(to));
		this.script.rest(to).expectNothing();
		this.script.lose(from).expectNothing();
		this.script.lose(to).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, null, null, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void noAlarmGoesOffWhenBothAreLostInTime(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.lose(to).expect(send(from, close(BYE)), finish(from));
		this.script.lose(from).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, null, BYE));
		this.script.advance(CLOSE_TIMEOUT).expectNothing();
	}

	// The gateway closes

	@ParameterizedTest
	@EnumSource
	void requestClosesBothLegs(Side from) {
		Side to = from.peer();
		CloseStatus toClient = CloseStatus.of(4001);
		CloseStatus toUpstream = CloseStatus.of(4002);
		this.script.close(toClient, toUpstream)
			.expect(send(Side.CLIENT, close(toClient)), send(Side.UPSTREAM, close(toUpstream)));
		assertThat(this.script.isEnding()).isTrue();
		assertThat(this.script.isDiscarded(from)).isTrue();
		this.script.receive(from, text("skipped"), close(BYE)).expect(finish(from));
		this.script.receive(to, close(BYE)).expect(finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(terminated(Side.CLIENT, Initiator.GATEWAY, Cause.REQUESTED, BYE, toClient, BYE, toUpstream));
	}

	@ParameterizedTest
	@EnumSource
	void policyThatAsksForItWhileItJudgesIsNamed(Side from) {
		Side to = from.peer();
		CloseStatus enough = CloseStatus.of(4001);
		this.script.policy(from, (frame, context) -> {
			context.session().close(enough);
			return Verdict.forward();
		});
		this.script.receive(from, text("hi")).expect(closes(from, enough, enough));
		this.script.receive(from, close(BYE)).expect(finish(from));
		this.script.receive(to, close(BYE)).expect(finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to).expect(terminated(from, Initiator.GATEWAY, Cause.POLICY, BYE, enough, BYE, enough));
	}

	@ParameterizedTest
	@EnumSource
	void requestComesTooLateWhenAPeerHasClosed(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.close(CloseStatus.of(4001), CloseStatus.of(4002)).expectNothing();
		this.script.receive(to, text("more"), close(BYE))
			.expect(forward(from, text("more")), forward(from, close(BYE)), finish(from), finish(to));
	}

	@ParameterizedTest
	@EnumSource
	void secondRequestComesTooLate(Side from) {
		this.script.close(CloseStatus.of(4001), CloseStatus.of(4001))
			.expect(closes(from, CloseStatus.of(4001), CloseStatus.of(4001)));
		this.script.close(CloseStatus.of(4002), CloseStatus.of(4002)).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void peersThatDoNotAnswerAreClosed(Side from) {
		this.script.close(BYE, BYE).expect(closes(from, BYE, BYE));
		this.script.receive(from, close(BYE)).expect(finish(from));
		this.script.advance(CLOSE_TIMEOUT).expect(closeSocket(Side.CLIENT), closeSocket(Side.UPSTREAM));
		this.script.lose(from).expectNothing();
		this.script.lose(from.peer()).expect(terminated(from, Initiator.GATEWAY, Cause.REQUESTED, BYE, BYE, null, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void peerIsLostBeforeItAnswersTheGateway(Side from) {
		this.script.close(BYE, BYE).expect(closes(from, BYE, BYE));
		this.script.lose(from).expectNothing();
		this.script.receive(from.peer(), close(BYE)).expect(finish(from.peer()));
	}

	@ParameterizedTest
	@EnumSource
	void frameThatIsToldTooLateIsForgotten(Side from) {
		this.script.policy(from, always(Verdict.replyText("late")));
		this.script.header(from, text("x")).expectNothing();
		this.script.close(BYE, BYE).expect(closes(from, BYE, BYE));
		// The script fails unless the relay drops it.
		this.script.collect(from, text("x")).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void policyEndsAHandshakeThatAPeerHasBegun(Side from) {
		Side to = from.peer();
		this.script.policy(to, always(Verdict.close(CloseStatus.of(4000))));
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(to, text("x")).expect(send(from, close(4000)), finish(from));
		this.script.receive(to, close(BYE)).expect(finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, CloseStatus.of(4000), BYE, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void policyMayCloseTheSessionAfterItsVerdict(Side from) {
		CloseStatus status = CloseStatus.of(4000);
		this.script.relay().close(status, status, "policy-1");
		this.script.expect(closes(from, status, status));
		this.script.lose(from).expectNothing();
		this.script.lose(from.peer())
			.expect(terminated(from, Initiator.GATEWAY, Cause.POLICY, null, status, null, status));
	}

}
