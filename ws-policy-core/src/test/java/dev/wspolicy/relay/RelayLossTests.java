package dev.wspolicy.relay;

import java.time.Duration;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A leg is lost, or its peer ends its stream.
 */
class RelayLossTests extends AbstractRelayTests {

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

	private static final CloseStatus BYE = CloseStatus.of(1000, "bye");

	// A leg is lost

	@ParameterizedTest
	@EnumSource
	void lossIsToldTheOther(Side from) {
		Side to = from.peer();
		this.script.lose(from).expect(send(to, close(lost(from))));
		assertThat(this.script.isEnding()).isTrue();
		this.script.receive(to, text("skipped"), close(lost(from))).expect(finish(to));
		this.script.lose(to)
			.expect(terminated(from, by(from), Cause.CONNECTION_LOST, null, null, lost(from), lost(from)));
	}

	@ParameterizedTest
	@EnumSource
	void statusOfALossMayBeSet(Side from) {
		this.script.lostStatuses(CloseStatus.of(4011, "upstream"), CloseStatus.of(4001, "client"));
		this.script.lose(from)
			.expect(send(from.peer(), (from == Side.CLIENT) ? close(4001, "client") : close(4011, "upstream")));
	}

	@ParameterizedTest
	@EnumSource
	void lossBetweenFragmentsIsToldTheOther(Side from) {
		Side to = from.peer();
		this.script.receive(from, first("a")).expect(forward(to, first("a")));
		this.script.lose(from).expect(send(to, close(lost(from))));
	}

	@ParameterizedTest
	@EnumSource
	void lossIsTakenOnce(Side from) {
		this.script.lose(from).expect(send(from.peer(), close(lost(from))));
		this.script.relay().onLost(from);
		this.script.expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void bothAreLost(Side from) {
		Side to = from.peer();
		this.script.lose(from).expect(send(to, close(lost(from))));
		this.script.lose(to).expect(terminated(from, by(from), Cause.CONNECTION_LOST, null, null, null, lost(from)));
		this.script.advance(CLOSE_TIMEOUT).expectNothing();
		this.script.close(BYE, BYE).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void otherThatDoesNotAnswerIsClosed(Side from) {
		Side to = from.peer();
		this.script.lose(from).expect(send(to, close(lost(from))));
		this.script.advance(CLOSE_TIMEOUT).expect(closeSocket(to));
		this.script.lose(to).expect(terminated(from, by(from), Cause.CONNECTION_LOST, null, null, null, lost(from)));
	}

	@ParameterizedTest
	@EnumSource
	void sideIsLostAfterItsCloseFrame(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.lose(from).expectNothing();
		this.script.receive(to, text("skipped"), close(BYE)).expect(finish(to));
		this.script.lose(to).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, null, BYE, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void sideIsLostBeforeItAnswers(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.lose(to).expect(send(from, close(BYE)), finish(from));
		this.script.lose(from).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, null, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void sideIsLostInsideAFrameBeforeItAnswers(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.header(to, text("long")).expect(forwardBegins(from, text("long")));
		this.script.lose(to).expect(abort(from));
		this.script.lose(from).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, null, null, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void sideIsLostAfterTheHandshake(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(to, close(BYE)).expect(forward(from, close(BYE)), finish(from), finish(to));
		this.script.lose(to).expectNothing();
		this.script.advance(CLOSE_TIMEOUT).expect(closeSocket(from));
		this.script.lose(from).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, BYE, BYE));
	}

	// A peer that ends its stream

	@ParameterizedTest
	@EnumSource
	void peerThatEndsItsStreamBehindItsCloseFrameIsAnswered(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.endStream(from).expectNothing();
		this.script.receive(to, text("more"), close(BYE))
			.expect(forward(from, text("more")), forward(from, close(BYE)), finish(from), finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, BYE, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void peerThatEndsItsStreamBehindItsAnswer(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.receive(to, close(BYE)).expect(forward(from, close(BYE)), finish(from), finish(to));
		this.script.endStream(to).expectNothing();
		this.script.lose(to).expectNothing();
		this.script.lose(from).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, BYE, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void peerThatEndsItsStreamInPlaceOfAnAnswer(Side from) {
		Side to = from.peer();
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.endStream(to).expect(finish(to), send(from, close(BYE)), finish(from));
		this.script.lose(to).expectNothing();
		this.script.lose(from).expect(terminated(from, by(from), Cause.CLOSE_FRAME, BYE, BYE, null, BYE));
	}

	@ParameterizedTest
	@EnumSource
	void peerThatEndsItsStreamWithoutACloseFrameIsLost(Side from) {
		Side to = from.peer();
		this.script.receive(from, text("last")).expect(forward(to, text("last")));
		this.script.endStream(from).expect(end(from), send(to, close(lost(from))));
		this.script.receive(to, text("skipped"), close(lost(from))).expect(finish(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to)
			.expect(terminated(from, by(from), Cause.CONNECTION_LOST, null, null, lost(from), lost(from)));
	}

	@ParameterizedTest
	@EnumSource
	void peerThatEndsItsStreamIsStillSentTheFrameThatIsHalfWritten(Side from) {
		Side to = from.peer();
		this.script.header(to, text("long")).expect(forwardBegins(from, text("long")));
		this.script.endStream(from).expect(send(to, close(lost(from))));
		this.script.rest(to).expect(forward(from, text("long")), end(from));
	}

	@ParameterizedTest
	@EnumSource
	void peerThatEndsItsStreamIsNotSentWhatWaitsBehindTheFrame(Side from) {
		Side to = from.peer();
		this.script.header(to, text("long")).expect(forwardBegins(from, text("long")));
		this.script.inject(from, TextFrame.of("own")).expectNothing();
		this.script.endStream(from).expect(send(to, close(lost(from))));
		this.script.rest(to).expect(forward(from, text("long")), end(from));
	}

	@ParameterizedTest
	@EnumSource
	void streamThatEndsWithinAFrameResetsTheOther(Side from) {
		Side to = from.peer();
		this.script.header(from, text("half")).expect(forwardBegins(to, text("half")));
		this.script.endStream(from).expect(end(from), abort(to));
		this.script.lose(from).expectNothing();
		this.script.lose(to).expect(terminated(from, by(from), Cause.CONNECTION_LOST, null, null, null, null));
	}

	@ParameterizedTest
	@EnumSource
	void bothEndTheirStreamsWithoutACloseFrame(Side from) {
		Side to = from.peer();
		this.script.endStream(from).expect(end(from), send(to, close(lost(from))));
		this.script.endStream(to).expect(finish(to));
		this.script.lose(to).expectNothing();
		this.script.lose(from).expect(terminated(from, by(from), Cause.CONNECTION_LOST, null, null, null, lost(from)));
	}

	// A loss that is not put into words

	@ParameterizedTest
	@EnumSource
	void lossMayEndTheOtherWithoutACloseFrame(Side from) {
		Side to = from.peer();
		this.script.lostStatuses(null, null);
		this.script.receive(from, text("last")).expect(forward(to, text("last")));
		this.script.lose(from).expect(end(to));
		this.script.receive(to, text("skipped")).expectNothing();
		this.script.advance(CLOSE_TIMEOUT).expect(closeSocket(to));
		this.script.lose(to).expect(terminated(from, by(from), Cause.CONNECTION_LOST, null, null, null, null));
	}

	@ParameterizedTest
	@EnumSource
	void oneWhoHasClosedGetsItsOwnStatusBackThoughALossIsNotPutIntoWords(Side from) {
		Side to = from.peer();
		this.script.lostStatuses(null, null);
		this.script.receive(from, close(BYE)).expect(forward(to, close(BYE)));
		this.script.lose(to).expect(send(from, close(BYE)), finish(from));
	}

	@ParameterizedTest
	@EnumSource
	void lossWithinAFrameResetsTheOtherThoughItIsNotPutIntoWords(Side from) {
		this.script.lostStatuses(null, null);
		this.script.header(from, text("half")).expect(forwardBegins(from.peer(), text("half")));
		this.script.lose(from).expect(abort(from.peer()));
	}

}
