package dev.wspolicy.relay;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Frames and messages that are over a limit.
 */
class RelayLimitTests extends AbstractRelayTests {

	private static final CloseStatus GOING_AWAY = CloseStatus.GOING_AWAY;

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

	@ParameterizedTest
	@EnumSource
	void tellsHowLongAFrameMayBe(Side from) {
		this.script.limits(from, new Limits(3, 4, 5));
		assertThat(this.script.relay().frameLimit(from.sends())).isEqualTo(3);
	}

}
