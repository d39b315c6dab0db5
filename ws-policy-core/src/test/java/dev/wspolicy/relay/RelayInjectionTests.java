package dev.wspolicy.relay;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.PongFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Frames of the gateway's own: they stand between the frames that are relayed, never
 * inside one. The same goes for its close frames.
 */
class RelayInjectionTests extends AbstractRelayTests {

	@ParameterizedTest
	@EnumSource
	void tellsHowMuchWaits(Side from) {
		this.script.receive(from, first("te")).expect(forward(from.peer(), first("te")));
		this.script.inject(from.peer(), TextFrame.of("hello")).expectNothing();
		assertThat(this.script.relay().status().waiting(from.peer())).isEqualTo(5);
		assertThat(this.script.relay().status().waiting(from)).isZero();
		this.script.receive(from, last("xt"))
			.expect(forward(from.peer(), last("xt")), send(from.peer(), text("hello")));
		assertThat(this.script.relay().status().waiting(from.peer())).isZero();
	}

	private static final Frame PING = PingFrame.of(new byte[] { 'p' });

	private static final Frame OWN = TextFrame.of("own");

	@ParameterizedTest
	@EnumSource
	void goesOutAtOnceBetweenFrames(Side to) {
		this.script.inject(to, OWN).expect(send(to, text("own")));
		this.script.inject(to, PING).expect(send(to, ping("p")));
		this.script.receive(to.peer(), text("x")).expect(forward(to, text("x")));
		this.script.inject(to, BinaryFrame.of(new byte[] { 1 })).expect(send(to, binary(1)));
	}

	@ParameterizedTest
	@EnumSource
	void waitsForTheEndOfAFrame(Side to) {
		Side from = to.peer();
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.inject(to, OWN).expectNothing();
		this.script.inject(to, PING).expectNothing();
		this.script.inject(from, OWN).expect(send(from, text("own")));
		this.script.rest(from).expect(forward(to, text("long")), send(to, text("own")), send(to, ping("p")));
	}

	@ParameterizedTest
	@EnumSource
	void waitsForTheEndOfAControlFrame(Side to) {
		Side from = to.peer();
		this.script.header(from, ping("x")).expect(forwardBegins(to, ping("x")));
		this.script.inject(to, OWN).expectNothing();
		this.script.rest(from).expect(forward(to, ping("x")), send(to, text("own")));
	}

	@ParameterizedTest
	@EnumSource
	void controlFramesGoBetweenFragmentsAndMessagesWait(Side to) {
		Side from = to.peer();
		this.script.receive(from, first("a")).expect(forward(to, first("a")));
		this.script.inject(to, OWN).expectNothing();
		this.script.inject(to, PING).expect(send(to, ping("p")));
		this.script.header(from, next("b")).expect(forwardBegins(to, next("b")));
		this.script.inject(to, PING).expectNothing();
		this.script.rest(from).expect(forward(to, next("b")), send(to, ping("p")));
		this.script.receive(from, ping("x")).expect(forward(to, ping("x")));
		this.script.receive(from, last("c")).expect(forward(to, last("c")), send(to, text("own")));
	}

	@ParameterizedTest
	@EnumSource
	void messagesKeepTheirOrder(Side to) {
		Side from = to.peer();
		this.script.receive(from, first("a")).expect(forward(to, first("a")));
		this.script.inject(to, TextFrame.of("1")).expectNothing();
		this.script.inject(to, TextFrame.of("2")).expectNothing();
		this.script.header(from, last("b")).expect(forwardBegins(to, last("b")));
		this.script.inject(to, TextFrame.of("3")).expectNothing();
		this.script.rest(from)
			.expect(forward(to, last("b")), send(to, text("1")), send(to, text("2")), send(to, text("3")));
	}

	@ParameterizedTest
	@EnumSource
	void messagesNeedNotWaitForFragmentsThatAreHeld(Side to) {
		Side from = to.peer();
		this.script.policy(from, always(Verdict.forward()));
		this.script.receive(from, first("a")).expectNothing();
		this.script.inject(to, OWN).expect(send(to, text("own")));
		this.script.receive(from, last("b")).expect(forward(to, first("a")), forward(to, last("b")));
	}

	@ParameterizedTest
	@EnumSource
	void frameThatWaitsOutlivesItsVerdict(Side from) {
		this.script.policy(from, (frame, context) -> {
			context.session().send(from, frame);
			return Verdict.drop();
		});
		this.script.header(from.peer(), text("long")).expect(forwardBegins(from, text("long")));
		this.script.receive(from, text("x")).expectNothing();
		this.script.rest(from.peer()).expect(forward(from, text("long")), send(from, text("x")));
	}

	@ParameterizedTest
	@EnumSource
	void goesNowhereAfterTheClose(Side to) {
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL)
			.expect(send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)));
		this.script.inject(to, OWN).expectNothing();
		this.script.inject(to, PING).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void goesToTheSideThatHasClosedUntilItIsAnswered(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(1000)).expect(forward(to, close(1000)));
		this.script.inject(to, OWN).expectNothing();
		this.script.inject(from, OWN).expect(send(from, text("own")));
	}

	@ParameterizedTest
	@EnumSource
	void goesNowhereAfterTheLoss(Side to) {
		this.script.lose(to).expect(send(to.peer(), close(lost(to))));
		this.script.inject(to, OWN).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void isForgottenIfTheMessageNeverEnds(Side to) {
		Side from = to.peer();
		this.script.receive(from, first("a")).expect(forward(to, first("a")));
		this.script.inject(to, OWN).expectNothing();
		this.script.receive(from, close(1000)).expect(forward(to, close(1000)));
	}

	// Closing

	@ParameterizedTest
	@EnumSource
	void closeWaitsForTheEndOfAFrame(Side to) {
		Side from = to.peer();
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.close(CloseStatus.of(4000), CloseStatus.of(4000)).expect(send(from, close(4000)));
		this.script.inject(to, OWN).expectNothing();
		this.script.rest(from).expect(forward(to, text("long")), send(to, close(4000)));
		this.script.receive(from, text("skipped")).expectNothing();
		this.script.receive(to, close(4000)).expect(finish(to));
	}

	@ParameterizedTest
	@EnumSource
	void closeWaitsForTheEndOfAFragmentButNotOfItsMessage(Side to) {
		Side from = to.peer();
		this.script.header(from, first("a")).expect(forwardBegins(to, first("a")));
		this.script.inject(to, OWN).expectNothing();
		this.script.inject(to, PING).expectNothing();
		this.script.close(CloseStatus.of(4000), CloseStatus.of(4000)).expect(send(from, close(4000)));
		this.script.rest(from).expect(forward(to, first("a")), send(to, ping("p")), send(to, close(4000)));
		this.script.receive(from, last("skipped")).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void whatWaitedBeforeTheCloseIsDelivered(Side to) {
		Side from = to.peer();
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.inject(to, OWN).expectNothing();
		this.script.close(CloseStatus.of(4000), CloseStatus.of(4000)).expect(send(from, close(4000)));
		this.script.rest(from).expect(forward(to, text("long")), send(to, text("own")), send(to, close(4000)));
	}

	@ParameterizedTest
	@EnumSource
	void answeredCloseStillWaitsForTheEndOfTheFrame(Side to) {
		Side from = to.peer();
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.close(CloseStatus.of(4000), CloseStatus.of(4000)).expect(send(from, close(4000)));
		this.script.receive(to, close(1000)).expectNothing();
		this.script.rest(from).expect(forward(to, text("long")), send(to, close(4000)), finish(to));
	}

	@ParameterizedTest
	@EnumSource
	void frameThatNeverEndsIsCutOffByTheCloseTimeout(Side to) {
		Side from = to.peer();
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.close(CloseStatus.of(4000), CloseStatus.of(4000)).expect(send(from, close(4000)));
		this.script.advance(Duration.ofSeconds(5));
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(closeSocket(from), abort(to));
		this.script.rest(from).expectNothing();
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(terminated(from, Initiator.GATEWAY, Cause.REQUESTED, null, CloseStatus.of(4000), null, null));
	}

	@ParameterizedTest
	@EnumSource
	void sourceLostInsideAFrameAbortsTheOther(Side from) {
		Side to = from.peer();
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.lose(from).expect(abort(to));
		this.script.inject(to, PING).expectNothing();
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL).expectNothing();
		this.script.advance(Duration.ofSeconds(5)).expectNothing();
		this.script.lose(to).expect(terminated(from, by(from), Cause.CONNECTION_LOST, null, null, null, null));
	}

	@ParameterizedTest
	@EnumSource
	void sourceLostInsideAFrameThatIsHeldAbortsNobody(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		this.script.header(from, text("long")).expectNothing();
		this.script.lose(from).expect(send(from.peer(), close(lost(from))));
	}

	@ParameterizedTest
	@EnumSource
	void targetLostInsideAFrame(Side from) {
		Side to = from.peer();
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.lose(to).expect(send(from, close(lost(to))));
		this.script.rest(from).expectNothing();
		this.script.receive(from, close(1000)).expect(finish(from));
	}

	@ParameterizedTest
	@EnumSource
	void targetLostInsideAFrameWhileItsCloseWaits(Side from) {
		Side to = from.peer();
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.inject(to, OWN).expectNothing();
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL).expect(send(from, close(1000)));
		this.script.lose(to).expectNothing();
		this.script.rest(from).expectNothing();
	}

	// How much may wait

	@ParameterizedTest
	@EnumSource
	void emptyFramesThatWaitTakeUpMemoryToo(Side from) {
		Side to = from.peer();
		this.script.receive(from, first("long")).expect(forward(to, first("long")));
		Frame empty = TextFrame.of("");
		for (int i = 0; i < 170_000; i++) {
			this.script.relay().send(to, empty);
		}
		this.script.expectNothing();
		for (int i = 0; i < 10_000; i++) {
			this.script.relay().send(to, empty);
		}
		CloseStatus slow = CloseStatus.POLICY_VIOLATION.withReason("slow consumer");
		this.script.expect(closes(to, slow, CloseStatus.GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void messagesInPlaceOfPingsDoNotPileUpBehindAMessageThatDoesNotEnd(Side from) {
		Side to = from.peer();
		Verdict message = Verdict.replace(BinaryFrame.of(new byte[1_000_000]));
		this.script.bind(from, PolicyBinding.of("pings", always(message)).types(FrameType.PING));
		this.script.receive(from, first("long")).expect(forward(to, first("long")));
		for (int i = 0; i < 17; i++) {
			this.script.receive(from, ping("")).expectNothing();
		}
		CloseStatus slow = CloseStatus.POLICY_VIOLATION.withReason("slow consumer");
		this.script.receive(from, ping("")).expect(closes(to, slow, CloseStatus.GOING_AWAY));
	}

	@ParameterizedTest
	@EnumSource
	void peerIsNotSlowIfItTakesWhatIsFlushed(Side to) {
		this.script.unwritten(to, 17 * 1024 * 1024).takesAllWhenFlushed(to);
		this.script.inject(to, OWN).expect(send(to, text("own")));
	}

	// Frames that stall

	@ParameterizedTest
	@EnumSource
	void frameThatStallsHalfWrittenEndsTheSession(Side from) {
		Side to = from.peer();
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.stall(from).expect(send(from, close(1001, "frame timeout")), abort(to));
		this.script.rest(from).expectNothing();
		this.script.receive(from, close(1001)).expect(finish(from));
		this.script.lose(to).expectNothing();
		this.script.lose(from)
			.expect(terminated(from, Initiator.GATEWAY, Cause.FRAME_TIMEOUT, CloseStatus.GOING_AWAY,
					CloseStatus.GOING_AWAY.withReason("frame timeout"), null, null));
	}

	@ParameterizedTest
	@EnumSource
	void whatWaitsBehindAFrameThatStallsIsForgotten(Side from) {
		Side to = from.peer();
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.inject(to, OWN).expectNothing();
		this.script.stall(from).expect(send(from, close(1001, "frame timeout")), abort(to));
		assertThat(this.script.relay().status().waiting(to)).isZero();
		this.script.rest(from).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void frameThatStallsWhileItIsHeldEndsTheSession(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		this.script.header(from, text("long")).expectNothing();
		this.script.stall(from)
			.expect(send(Side.CLIENT, close(1001, "frame timeout")), send(Side.UPSTREAM, close(1001, "frame timeout")));
		this.script.rest(from).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void closeFrameThatStallsIsStillAnAnswer(Side from) {
		this.script.header(from, close(1000)).expectNothing();
		this.script.stall(from)
			.expect(send(Side.CLIENT, close(1001, "frame timeout")), send(Side.UPSTREAM, close(1001, "frame timeout")));
		this.script.rest(from).expect(finish(from));
	}

	@ParameterizedTest
	@EnumSource
	void pingThatStallsIsForgotten(Side from) {
		this.script.bind(from, PolicyBinding.of("ping", always(Verdict.forward())).types(FrameType.PING));
		this.script.header(from, ping("x")).expectNothing();
		this.script.stall(from)
			.expect(send(Side.CLIENT, close(1001, "frame timeout")), send(Side.UPSTREAM, close(1001, "frame timeout")));
		this.script.rest(from).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void stallDuringTheClosingHandshakeCutsTheFrameOff(Side from) {
		Side to = from.peer();
		this.script.receive(to, close(1000)).expect(forward(from, close(1000)));
		this.script.header(from, text("long")).expect(forwardBegins(to, text("long")));
		this.script.stall(from).expect(abort(to));
	}

	// What may be sent

	@Test
	void whatMayBeSent() {
		assertThatNoException().isThrownBy(() -> SendableFrames.check(OWN));
		assertThatNoException().isThrownBy(() -> SendableFrames.check(PING));
		assertThatNoException().isThrownBy(() -> SendableFrames.check(PongFrame.of(new byte[0])));
		assertThatIllegalArgumentException().isThrownBy(() -> SendableFrames.check(CloseFrame.of(CloseStatus.NORMAL)))
			.withMessageContaining("close the session");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> SendableFrames.check(ContinuationFrame.of(new byte[0], true)));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> SendableFrames.check(FrameAccess.frame(FrameType.TEXT, false, FrameAccess.payload(OWN))))
			.withMessageContaining("whole messages");
	}

}
