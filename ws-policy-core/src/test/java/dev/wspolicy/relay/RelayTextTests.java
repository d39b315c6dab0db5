package dev.wspolicy.relay;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Compression;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.IllegalVerdictException;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Text that is not UTF-8.
 */
class RelayTextTests extends AbstractRelayTests {

	// Text that is not UTF-8

	private static final ScriptFrame INVALID = ScriptFrame.of(FrameType.TEXT, true, new byte[] { 'a', (byte) 0xC3 });

	/** Completes its last character. */
	private static final ScriptFrame END_OF_INVALID = ScriptFrame.of(FrameType.CONTINUATION, true,
			new byte[] { (byte) 0xA9 });

	private static final CloseStatus NOT_UTF8 = CloseStatus.INVALID_PAYLOAD.withReason("text is not UTF-8");

	private static final FramePolicy READING = (frame, context) -> {
		((TextFrame) frame).text();
		return Verdict.forward();
	};

	@ParameterizedTest
	@EnumSource
	void invalidTextThatIsReadEndsTheSession(Side from) {
		this.script.policy(from, READING);
		this.script.receive(from, INVALID).expect(closes(from, NOT_UTF8, lost(from)));
		this.script.lose(from.peer()).expectNothing();
		this.script.lose(from)
			.expect(terminated(from, Initiator.GATEWAY, Cause.INVALID_PAYLOAD, null, NOT_UTF8, null, lost(from)));
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
		this.script.receive(from, INVALID.unfinished(), last("b")).expect(closes(from, NOT_UTF8, lost(from)));
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
			script.receive(from, INVALID).expect(closes(from, NOT_UTF8, lost(from)));
		}
	}

	@ParameterizedTest
	@EnumSource(OnError.class)
	void invalidTextIsNoFailureOfThePolicy(OnError onError) {
		Side from = Side.CLIENT;
		this.script.bind(from, PolicyBinding.of("reading", READING).onError(onError));
		this.script.receive(from, INVALID).expect(closes(from, NOT_UTF8, lost(from)));
	}

	@ParameterizedTest
	@EnumSource
	void invalidTextEndsTheSessionThoughThePromiseForwards(Side from) {
		this.script.policy(from, (frame, context) -> {
			assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(() -> ((TextFrame) frame).text());
			return Verdict.later(CompletableFuture.completedFuture(Verdict.forward()));
		});
		this.script.receive(from, INVALID).expect(closes(from, NOT_UTF8, lost(from)));
	}

	static Stream<Arguments> changesOfEachSide() {
		return Stream.of(Side.values())
			.flatMap(
					(from) -> Stream.of(Verdict.drop(), Verdict.replace(ContinuationFrame.of(new byte[] { 'b' }, true)))
						.map((verdict) -> Arguments.of(from, verdict)));
	}

	private static PolicyBinding changingTheEnd(Verdict verdict) {
		FramePolicy policy = (frame, context) -> frame.fin() ? verdict : Verdict.forward();
		return PolicyBinding.of("changing", policy).granularity(Granularity.FRAME);
	}

	@ParameterizedTest
	@MethodSource("changesOfEachSide")
	void policyAnswersForTextThatItHasMadeInvalid(Side from, Verdict verdict) {
		this.script.bind(from, changingTheEnd(verdict)).policy(from, READING);
		this.script.receive(from, INVALID.unfinished(), END_OF_INVALID);
		assertThat(this.script.takeActions()).startsWith(failure(from, "changing", IllegalVerdictException.class))
			.endsWith(closes(from, CloseStatus.INTERNAL_ERROR, CloseStatus.INTERNAL_ERROR))
			.hasSize(3);
	}

	@ParameterizedTest
	@MethodSource("changesOfEachSide")
	void textThatAPolicyHasMadeInvalidIsDropped(Side from, Verdict verdict) {
		this.script.bind(from, changingTheEnd(verdict).onError(OnError.DROP)).policy(from, READING);
		this.script.receive(from, INVALID.unfinished(), END_OF_INVALID);
		assertThat(this.script.takeActions()).containsExactly(failure(from, "changing", IllegalVerdictException.class));
		this.script.receive(from, first("b")).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void textOfUpTo64KibIsHeldUntilItHasBeenValidated(Side from) {
		this.script.framing(new WireOptions(Masking.PRESERVE, Utf8Validation.ALWAYS, Compression.OFF));
		this.script.header(from, text("").claiming(65_536)).expectNothing();
		this.script.rest(from).expect(forward(from.peer(), text("").claiming(65_536)));
		ScriptFrame longer = text("").claiming(65_537);
		this.script.header(from, longer).expect(forwardBegins(from.peer(), longer));
	}

}
