package dev.wspolicy.relay;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Something fails in the relay itself or in its driver, and the session is given up.
 */
class RelayAbandonTests extends AbstractPromiseTests {

	@ParameterizedTest
	@EnumSource
	void nothingPassesOnceTheSessionIsStopped(Side from) {
		this.script.stop().expectNothing();
		assertThat(this.script.isEnding()).isTrue();
		this.script.receive(from, text("skipped")).expectNothing();
		this.script.abandon().expect(abandoned(from));
	}

	@ParameterizedTest
	@EnumSource
	void whatIsHalfWrittenStaysAsItIs(Side from) {
		this.script.header(from, text("long")).expect(forwardBegins(from.peer(), text("long")));
		this.script.abandon().expect(abandoned(from));
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsWrittenToAnybodyAfterwards(Side to) {
		this.script.abandon().expect(abandoned(to));
		this.script.inject(to, TextFrame.of("late")).expectNothing();
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL).expectNothing();
		this.script.abandon().expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void verdictIsNotAwaitedAnyMore(Side from) {
		this.script.policy(from, promisingOnce());
		this.script.receive(from, text("later")).expect(suspend(from));
		this.script.abandon().expect(resume(from), abandoned(from));
		assertThat(this.promise).isCancelled();
	}

	@ParameterizedTest
	@EnumSource
	void sessionThatCloses(Side from) {
		this.script.close(CloseStatus.NORMAL, CloseStatus.NORMAL)
			.expect(closes(from, CloseStatus.NORMAL, CloseStatus.NORMAL));
		this.script.abandon()
			.expect(terminated(from, Initiator.GATEWAY, Cause.REQUESTED, null, CloseStatus.NORMAL, null,
					CloseStatus.NORMAL));
	}

	private static RelayAction abandoned(Side from) {
		return terminated(from, Initiator.GATEWAY, Cause.INTERNAL_ERROR, null, null, null, null);
	}

}
