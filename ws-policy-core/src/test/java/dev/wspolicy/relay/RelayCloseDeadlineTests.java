package dev.wspolicy.relay;

import java.time.Duration;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How long peers are waited for that take their time to close.
 */
class RelayCloseDeadlineTests extends AbstractRelayTests {

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

	private static final CloseStatus BYE = CloseStatus.of(1000, "bye");

	// A peer that takes its time

	@ParameterizedTest
	@EnumSource
	void closeFrameThatHasNotBeenWrittenWasNotSent(Side from) {
		Side to = from.peer();
		this.script.takesNothing(to);
		this.script.receive(from, text("much"), close(BYE)).expect(forward(to, text("much")), forward(to, close(BYE)));
		this.script.unwritten(to, 1000);
		this.script.advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(BYE)), finish(from),
				closeSocket(from), closeSocket(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, null, null));
	}

	@ParameterizedTest
	@EnumSource
	void aCloseFrameThatGrowsOnItsWayIsNotTakenForBytesThatHaveLeft(Side from) {
		Side to = from.peer();
		this.script.takesNothing(to);
		this.script.receive(from, text("much"), close(BYE)).expect(forward(to, text("much")), forward(to, close(BYE)));
		this.script.wrap(to).unwritten(to, 1000);
		this.script.advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).contains(closeSocket(from), closeSocket(to));
	}

	@ParameterizedTest
	@EnumSource
	void closeTimeoutDoesNotRunWhileAPeerTakesWhatStandsBeforeItsCloseFrame(Side from) {
		Side to = from.peer();
		this.script.takesNothing(to);
		this.script.receive(from, text("much"), close(BYE)).expect(forward(to, text("much")), forward(to, close(BYE)));
		for (int i = 0; i < 5; i++) {
			this.script.advance(CLOSE_TIMEOUT.minusMillis(1)).expectNothing();
			this.script.take(to).advance(Duration.ofMillis(1)).expectNothing();
		}
		this.script.advance(Duration.ofSeconds(3)).takeAll(to).expectNothing();
		// From here on it can answer, and has all the time for it
		this.script.advance(CLOSE_TIMEOUT.minusMillis(1)).expectNothing();
		this.script.receive(to, close(BYE)).expect(forward(from, close(BYE)), finish(from), finish(to));
		this.script.lose(to).expectNothing();
		this.script.lose(from).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, BYE, BYE));
	}

	/** The timer that goes off too early for that is set once more. */
	@ParameterizedTest
	@EnumSource
	void peerThatDoesNotAnswerACloseFrameThatHadToWaitIsGivenUp(Side from) {
		Side to = from.peer();
		this.script.takesNothing(to);
		this.script.receive(from, text("much"), close(BYE)).expect(forward(to, text("much")), forward(to, close(BYE)));
		this.script.advance(Duration.ofSeconds(3)).takeAll(to).expectNothing();
		this.script.advance(CLOSE_TIMEOUT.minusMillis(1)).expectNothing();
		this.script.advance(Duration.ofMillis(1));
		assertThat(this.script.takeActions()).contains(closeSocket(to));
	}

	@ParameterizedTest
	@EnumSource
	void answerThatWaitsBehindWhatAPeerTakesIsNotCutOff(Side from) {
		Side to = from.peer();
		this.script.takesNothing(from);
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(to, text("much"), close(BYE))
			.expect(forward(from, text("much")), forward(from, close(BYE)), finish(from), finish(to));
		this.script.unwritten(from, 1000).take(from);
		this.script.advance(CLOSE_TIMEOUT.multipliedBy(2).minusMillis(1)).expectNothing();
		this.script.takeAll(from).lose(to).expectNothing();
		this.script.lose(from).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, BYE, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void messageThatIsUnderWayIsWaitedForAsLongAsItGoesOn(Side from) {
		Side to = from.peer();
		this.script.header(to, text("long")).expect(forwardBegins(from, text("long")));
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		for (int i = 0; i < 5; i++) {
			this.script.take(from).advance(CLOSE_TIMEOUT).expectNothing();
		}
		this.script.rest(to).expect(forward(from, text("long")));
		this.script.receive(to, close(BYE)).expect(forward(from, close(BYE)), finish(from), finish(to));
	}

	@ParameterizedTest
	@EnumSource
	void messageThatComesIsWaitedForThoughItIsHeld(Side from) {
		Side to = from.peer();
		this.script.policy(to, always(Verdict.forward()));
		this.script.header(to, text("long")).expectNothing();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		for (int i = 0; i < 5; i++) {
			this.script.advance(Duration.ofSeconds(1)).more(to).advance(Duration.ofSeconds(4)).expectNothing();
		}
		this.script.advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(BYE)), finish(from),
				closeSocket(from), closeSocket(to));
	}

	@ParameterizedTest
	@EnumSource
	void lastFragmentOfAMessageThatWasUnderWayIsWaitedFor(Side from) {
		Side to = from.peer();
		this.script.receive(to, first("a")).expect(forward(from, first("a")));
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.header(to, last("b")).expect(forwardBegins(from, last("b")));
		for (int i = 0; i < 5; i++) {
			this.script.take(from).advance(CLOSE_TIMEOUT).expectNothing();
		}
		this.script.rest(to).expect(forward(from, last("b")));
		this.script.receive(to, close(BYE)).expect(forward(from, close(BYE)), finish(from), finish(to));
	}

	@ParameterizedTest
	@EnumSource
	void firstFragmentOfAMessageThatBeginsLaterIsNotWaitedFor(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.header(to, first("one")).expect(forwardBegins(from, first("one")));
		this.script.take(from).advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(abort(from), closeSocket(to));
	}

	@ParameterizedTest
	@EnumSource
	void messagesWithoutAnEndAreNotWaitedFor(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(to, text("tick")).expect(forward(from, text("tick")));
		this.script.unwritten(from, 1000).take(from).advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(BYE)), finish(from),
				closeSocket(from), closeSocket(to));
	}

	@ParameterizedTest
	@EnumSource
	void messageThatBeginsLaterIsNotWaitedForThoughOneWasUnderWay(Side from) {
		Side to = from.peer();
		this.script.header(to, text("first")).expect(forwardBegins(from, text("first")));
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.advance(CLOSE_TIMEOUT.dividedBy(2));
		this.script.rest(to).expect(forward(from, text("first")));
		this.script.header(to, text("second")).expect(forwardBegins(from, text("second")));
		this.script.take(from).advance(CLOSE_TIMEOUT.dividedBy(2));
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(abort(from), closeSocket(to));
	}

	@ParameterizedTest
	@EnumSource
	void fragmentsOfMessagesThatBeginLaterAreNotWaitedFor(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(to, first("one")).expect(forward(from, first("one")));
		this.script.take(from).advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(BYE)), finish(from),
				closeSocket(from), closeSocket(to));
	}

	@ParameterizedTest
	@EnumSource
	void theFlushOfACloseFrameIsNotTakenForBytesThatHaveLeft(Side from) {
		Side to = from.peer();
		this.script.takesNothing(to).takesWhatIsFlushed(to);
		this.script.receive(from, text("much"), close(BYE)).expect(forward(to, text("much")), forward(to, close(BYE)));
		this.script.unwritten(to, 1000);
		this.script.advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).contains(closeSocket(from), closeSocket(to));
	}

	@ParameterizedTest
	@EnumSource
	void peerThatTakesItsTimeIsNotWaitedForLongerThanASlowConsumer(Side from) {
		Side to = from.peer();
		this.script.takesNothing(to);
		this.script.receive(from, text("much"), close(BYE)).expect(forward(to, text("much")), forward(to, close(BYE)));
		this.script.unwritten(to, 1000);
		for (int i = 0; i < 11; i++) {
			this.script.take(to).advance(CLOSE_TIMEOUT).expectNothing();
		}
		this.script.take(to).advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(BYE)), finish(from),
				closeSocket(from), closeSocket(to));
	}

	@ParameterizedTest
	@EnumSource
	void peerThatTakesItsTimeIsWaitedForWithoutALimitIfThereIsNone(Side from) {
		Side to = from.peer();
		this.script.timeouts(Timeouts.builder().slowConsumer(Duration.ZERO).build());
		this.script.takesNothing(to);
		this.script.receive(from, text("much"), close(BYE)).expect(forward(to, text("much")), forward(to, close(BYE)));
		for (int i = 0; i < 100; i++) {
			this.script.take(to).advance(CLOSE_TIMEOUT).expectNothing();
		}
		this.script.takeAll(to).receive(to, close(BYE)).expect(forward(from, close(BYE)), finish(from), finish(to));
	}

	/** Its own close frame is answered when the other peer has not done so in time. */
	@ParameterizedTest
	@EnumSource
	void peerThatTakesItsTimeHasTimeForACloseFrameThatIsWrittenLate(Side from) {
		Side to = from.peer();
		this.script.takesNothing(from);
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(to, text("much")).expect(forward(from, text("much")));
		this.script.take(from).advance(CLOSE_TIMEOUT);
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(send(from, close(BYE)), finish(from),
				closeSocket(to));
		this.script.advance(Duration.ofSeconds(3)).takeAll(from).expectNothing();
		this.script.advance(CLOSE_TIMEOUT.minusMillis(1)).expectNothing();
		this.script.advance(Duration.ofMillis(1)).expect(closeSocket(from));
	}

	@ParameterizedTest
	@EnumSource
	void endOfAStreamWaitsForWhatAPeerTakesToo(Side from) {
		Side to = from.peer();
		this.script.lostStatuses(null, null).takesNothing(to);
		this.script.receive(from, text("much")).expect(forward(to, text("much")));
		this.script.lose(from).expect(end(to));
		this.script.unwritten(to, 1000);
		for (int i = 0; i < 3; i++) {
			this.script.take(to).advance(CLOSE_TIMEOUT).expectNothing();
		}
		this.script.unwritten(to, 0).take(to).advance(CLOSE_TIMEOUT).expect(closeSocket(to));
	}

	@ParameterizedTest
	@EnumSource
	void closeOfTheGatewayWaitsForWhatAPeerTakesToo(Side slow) {
		this.script.takesNothing(slow);
		this.script.receive(slow.peer(), text("much")).expect(forward(slow, text("much")));
		this.script.close(BYE, BYE).expect(closes(slow, BYE, BYE));
		this.script.take(slow).advance(CLOSE_TIMEOUT).expectNothing();
		this.script.takeAll(slow).receive(slow, close(BYE)).expect(finish(slow));
	}

	@ParameterizedTest
	@EnumSource
	void lossIsToldBehindWhatAPeerTakes(Side from) {
		Side to = from.peer();
		this.script.takesNothing(to);
		this.script.receive(from, text("much")).expect(forward(to, text("much")));
		this.script.lose(from).expect(send(to, close(lost(from))));
		this.script.take(to).advance(CLOSE_TIMEOUT).expectNothing();
		this.script.takeAll(to).receive(to, close(lost(from))).expect(finish(to));
		this.script.lose(to)
			.expect(terminated(from, by(from), Cause.CONNECTION_LOST, null, null, lost(from), lost(from)));
	}

}
