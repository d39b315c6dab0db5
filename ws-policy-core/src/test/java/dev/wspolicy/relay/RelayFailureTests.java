package dev.wspolicy.relay;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.IllegalVerdictException;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Policies that throw, answer nothing, or answer what cannot be done, under each
 * {@link OnError}.
 */
class RelayFailureTests extends AbstractRelayTests {

	private static final CloseStatus ERROR = CloseStatus.INTERNAL_ERROR;

	private static final Frame TEXT = TextFrame.of("x");

	private static final Frame FRAGMENT = FrameAccess.frame(FrameType.TEXT, false, FrameAccess.payload(TEXT));

	private static final Frame CLOSE = CloseFrame.of(CloseStatus.NORMAL);

	static Stream<Arguments> failuresOfEachSide() {
		FramePolicy throwing = (frame, context) -> {
			throw new IllegalArgumentException();
		};
		FramePolicy overflowing = (frame, context) -> {
			throw new StackOverflowError();
		};
		FramePolicy closingWithNothing = (frame, context) -> Verdict.close(CloseStatus.NORMAL, null);
		Stream<Arguments> thrown = Stream.of(Arguments.of(throwing, IllegalArgumentException.class),
				Arguments.of(overflowing, StackOverflowError.class),
				Arguments.of(closingWithNothing, NullPointerException.class));
		Stream<Arguments> answered = Stream
			.<Verdict>of(null, Verdict.replace(CLOSE), Verdict.replace(FRAGMENT),
					Verdict.replace(TEXT, ContinuationFrame.of(new byte[0], true)), Verdict.reply(CLOSE),
					Verdict.reply(FRAGMENT))
			.map((verdict) -> Arguments.of(always(verdict), IllegalVerdictException.class));
		List<Object[]> failures = Stream.concat(thrown, answered).map(Arguments::get).toList();
		return Stream.of(Side.values())
			.flatMap((from) -> failures.stream().map((failure) -> Arguments.of(from, failure[0], failure[1])));
	}

	private static PolicyBinding failing(FramePolicy policy, OnError onError) {
		return PolicyBinding.of("failing", policy).onError(onError);
	}

	@ParameterizedTest
	@MethodSource("failuresOfEachSide")
	void failureClosesTheSession(Side from, FramePolicy policy, Class<? extends Throwable> failure) {
		this.script.bind(from, failing(policy, OnError.CLOSE)).policy(from, always(Verdict.forward()));
		this.script.receive(from, text("x"), text("skipped"));
		assertThat(this.script.takeActions()).startsWith(failure(from, "failing", failure))
			.endsWith(closes(from, ERROR, ERROR))
			.hasSize(3);
		this.script.lose(from).expectNothing();
		this.script.lose(from.peer())
			.expect(terminated(from, Initiator.GATEWAY, Cause.POLICY_FAILURE, null, ERROR, null, ERROR));
	}

	@ParameterizedTest
	@MethodSource("failuresOfEachSide")
	void failureDropsTheFrame(Side from, FramePolicy policy, Class<? extends Throwable> failure) {
		List<Frame> seen = new ArrayList<>();
		this.script.bind(from, failing(policy, OnError.DROP).types(FrameType.TEXT)).policy(from, (frame, context) -> {
			seen.add(frame);
			return Verdict.forward();
		});
		this.script.receive(from, text("x"), binary(1))
			.expect(failure(from, "failing", failure), forward(from.peer(), binary(1)));
		assertThat(seen).hasSize(1);
	}

	@ParameterizedTest
	@MethodSource("failuresOfEachSide")
	void failureForwardsTheFrameToTheNextPolicy(Side from, FramePolicy policy, Class<? extends Throwable> failure) {
		this.script.bind(from, failing(policy, OnError.FORWARD)).policy(from, on("no", Verdict.drop()));
		this.script.receive(from, text("yes"), text("no"))
			.expect(failure(from, "failing", failure), forward(from.peer(), text("yes")),
					failure(from, "failing", failure));
	}

	// Frames that are gone

	@ParameterizedTest
	@EnumSource
	void verdictWithAFrameThatIsGoneIsAFailure(Side from) {
		List<Frame> kept = new ArrayList<>();
		FramePolicy policy = (frame, context) -> {
			kept.add(frame);
			return switch (kept.size()) {
				case 2 -> Verdict.replace(kept.get(0));
				case 3 -> Verdict.reply(kept.get(0));
				default -> Verdict.forward();
			};
		};
		this.script.bind(from, failing(policy, OnError.DROP));
		this.script.receive(from, text("1")).expect(forward(from.peer(), text("1")));
		this.script.receive(from, text("2")).expect(failure(from, "failing", IllegalStateException.class));
		this.script.receive(from, text("3")).expect(failure(from, "failing", IllegalStateException.class));
	}

	// Control frames

	static Stream<Arguments> illegalVerdictsOnCloseFrames() {
		List<Verdict> verdicts = List.of(Verdict.drop(), Verdict.replace(), Verdict.replace(TEXT),
				Verdict.replace(CLOSE, CLOSE), Verdict.reply(TEXT), Verdict.reply(CLOSE), Verdict.reply());
		return Stream.of(Side.values())
			.flatMap((from) -> verdicts.stream().map((verdict) -> Arguments.of(from, verdict)));
	}

	@ParameterizedTest
	@MethodSource("illegalVerdictsOnCloseFrames")
	void illegalVerdictOnACloseFrameClosesTheSession(Side from, Verdict verdict) {
		this.script.bind(from, failing(always(verdict), OnError.CLOSE).types(FrameType.CLOSE));
		this.script.receive(from, close(1000));
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(
				failure(from, "failing", IllegalVerdictException.class), send(from, close(ERROR)), finish(from),
				send(from.peer(), close(ERROR)));
		this.script.lose(from).expectNothing();
		this.script.lose(from.peer())
			.expect(terminated(from, Initiator.GATEWAY, Cause.POLICY_FAILURE, CloseStatus.NORMAL, ERROR, null, ERROR));
	}

	@ParameterizedTest
	@MethodSource("illegalVerdictsOnCloseFrames")
	void closeFrameIsForwardedWhereOthersAreDropped(Side from, Verdict verdict) {
		this.script.bind(from, failing(always(verdict), OnError.DROP).types(FrameType.CLOSE));
		this.script.receive(from, close(1000))
			.expect(failure(from, "failing", IllegalVerdictException.class), forward(from.peer(), close(1000)));
	}

	@ParameterizedTest
	@EnumSource
	void pingIsDroppedOnFailure(Side from) {
		this.script.bind(from, failing(always(null), OnError.DROP).types(FrameType.PING));
		this.script.receive(from, ping("p"), text("x"))
			.expect(failure(from, "failing", IllegalVerdictException.class), forward(from.peer(), text("x")));
	}

	@ParameterizedTest
	@EnumSource
	void pingCannotBecomeACloseFrame(Side from) {
		this.script.bind(from, failing(always(Verdict.replace(CLOSE)), OnError.FORWARD).types(FrameType.PING));
		this.script.receive(from, ping("p"))
			.expect(failure(from, "failing", IllegalVerdictException.class), forward(from.peer(), ping("p")));
	}

	// Fragments

	static Stream<Arguments> illegalVerdictsOnFragments() {
		List<Verdict> verdicts = List.of(Verdict.replace(), Verdict.replace(TEXT, TEXT),
				Verdict.replace(PingFrame.of(new byte[0])), Verdict.replace(CLOSE));
		return Stream.of(Side.values())
			.flatMap((from) -> verdicts.stream().map((verdict) -> Arguments.of(from, verdict)));
	}

	@ParameterizedTest
	@MethodSource("illegalVerdictsOnFragments")
	void illegalVerdictOnAFragmentClosesTheSession(Side from, Verdict verdict) {
		this.script.bind(from, failing(on("b", verdict), OnError.CLOSE).granularity(Granularity.FRAME));
		this.script.receive(from, first("a")).expect(forward(from.peer(), first("a")));
		this.script.receive(from, next("b"));
		assertThat(this.script.takeActions()).startsWith(failure(from, "failing", IllegalVerdictException.class))
			.endsWith(closes(from, ERROR, ERROR));
	}

	@ParameterizedTest
	@MethodSource("illegalVerdictsOnFragments")
	void fragmentIsDroppedOnFailure(Side from, Verdict verdict) {
		this.script.bind(from, failing(on("b", verdict), OnError.DROP).granularity(Granularity.FRAME));
		this.script.receive(from, first("a"), last("b"))
			.expect(forward(from.peer(), first("a")), failure(from, "failing", IllegalVerdictException.class),
					send(from.peer(), last("")));
	}

	@ParameterizedTest
	@EnumSource
	void failureOnAReplacementConcernsThatFrameOnly(Side from) {
		Side to = from.peer();
		this.script.policy(from, always(Verdict.replace(TextFrame.of("1"), TextFrame.of("2"), TextFrame.of("3"))))
			.bind(from, failing(on("2", null), OnError.DROP));
		this.script.receive(from, text("x"))
			.expect(send(to, text("1")), failure(from, "failing", IllegalVerdictException.class), send(to, text("3")));
	}

	@ParameterizedTest
	@EnumSource
	void failureOnAReplacedCloseFrameForwardsTheReplacement(Side from) {
		this.script
			.bind(from,
					PolicyBinding.of("changing", always(Verdict.replace(CloseFrame.of(CloseStatus.of(4000)))))
						.types(FrameType.CLOSE))
			.bind(from, failing(always(Verdict.drop()), OnError.FORWARD).types(FrameType.CLOSE));
		this.script.receive(from, close(1000))
			.expect(failure(from, "failing", IllegalVerdictException.class), send(from.peer(), close(4000)));
	}

	// Frames of a policy's own that cannot be read

	private static Frame unreadable() {
		return FrameAccess.frame(FrameType.TEXT, true, new Payload() {

			@Override
			public int length() {
				return 1;
			}

			@Override
			public byte[] bytes() {
				throw new StackOverflowError("unreadable");
			}

			@Override
			public String text() {
				return new String(bytes(), StandardCharsets.UTF_8);
			}

			@Override
			public Payload copy() {
				return this;
			}

			@Override
			public void release() {
			}

		});
	}

	@ParameterizedTest
	@EnumSource
	void unreadableReplacementClosesTheSession(Side from) {
		this.script.policy(from, on("x", Verdict.replace(TextFrame.of("1"), unreadable(), TextFrame.of("2"))));
		this.script.receive(from, text("x"))
			.expect(send(from.peer(), text("1")), failure(from, "policy-1", StackOverflowError.class),
					send(Side.CLIENT, close(1011)), send(Side.UPSTREAM, close(1011)));
	}

	@ParameterizedTest
	@EnumSource
	void unreadableReplacementIsDropped(Side from) {
		this.script.bind(from, PolicyBinding.of("broken", on("x", Verdict.replace(unreadable()))).onError(OnError.DROP))
			.policy(from, always(Verdict.forward()));
		this.script.receive(from, text("x"), text("2"))
			.expect(failure(from, "broken", StackOverflowError.class), forward(from.peer(), text("2")));
	}

	@ParameterizedTest
	@EnumSource
	void unreadableReplacementThatIsReplacedDoesNoHarm(Side from) {
		this.script.policy(from, on("x", Verdict.replace(unreadable()))).policy(from, always(Verdict.replaceText("y")));
		this.script.receive(from, text("x")).expect(send(from.peer(), text("y")));
	}

	@ParameterizedTest
	@EnumSource
	void unreadableReplacementOfAFrameIsTheFramePolicys(Side from) {
		this.script.framePolicy(from, on("x", Verdict.replace(unreadable()))).policy(from, always(Verdict.forward()));
		this.script.receive(from, text("x"))
			.expect(failure(from, "policy-1", StackOverflowError.class), send(Side.CLIENT, close(1011)),
					send(Side.UPSTREAM, close(1011)));
	}

	@ParameterizedTest
	@EnumSource
	void unreadableAnswerLetsTheFramePass(Side from) {
		this.script.bind(from,
				PolicyBinding.of("broken", on("x", Verdict.reply(unreadable()))).onError(OnError.FORWARD));
		this.script.receive(from, text("x"))
			.expect(failure(from, "broken", StackOverflowError.class), forward(from.peer(), text("x")));
	}

	@ParameterizedTest
	@EnumSource
	void unreadableFragmentIsAFailure(Side from) {
		this.script.bind(from,
				PolicyBinding.of("broken", on("x", Verdict.replace(unreadable())))
					.granularity(Granularity.FRAME)
					.onError(OnError.FORWARD));
		this.script.receive(from, first("x"), last("y"))
			.expect(failure(from, "broken", StackOverflowError.class), forward(from.peer(), first("x")),
					forward(from.peer(), last("y")));
	}

	@ParameterizedTest
	@EnumSource
	void policyThatHasFailedIsNotBlamedForWhatFollows(Side from) {
		this.script.bind(from, PolicyBinding.of("failing", (frame, context) -> {
			throw new IllegalStateException();
		}).onError(OnError.DROP));
		this.script.receive(from, text("x")).expect(failure(from, "failing", IllegalStateException.class));
		CloseStatus bye = CloseStatus.of(4000);
		this.script.close(bye, bye).expect(closes(from, bye, bye));
		this.script.lose(from).expectNothing();
		this.script.lose(from.peer())
			.expect(terminated(from, Initiator.GATEWAY, Cause.REQUESTED, null, bye, null, bye));
	}

}
