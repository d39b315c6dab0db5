package dev.wspolicy.relay;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Fragmented messages under policies on messages, on wire frames, and on both.
 */
class RelayFragmentTests extends AbstractRelayTests {

	/** Lets all pass and writes down what it was shown. */
	private FramePolicy watch() {
		return seeing("", Verdict.forward());
	}

	/** Answers with a verdict on one text, lets all others pass. */
	private FramePolicy seeing(String text, Verdict verdict) {
		return (frame, context) -> {
			this.seen.add(ScriptFrame.of(frame).toString());
			return payload(frame).equals(text) ? verdict : Verdict.forward();
		};
	}

	private static Verdict becomes(String text) {
		return Verdict.replaceText(text);
	}

	// Policies on messages

	@ParameterizedTest
	@EnumSource
	void messagePolicySeesTheWhole(Side from) {
		Side to = from.peer();
		this.script.policy(from, watch());
		this.script.receive(from, first("a"), next(""), next("b")).expectNothing();
		this.script.receive(from, last("c"))
			.expect(forward(to, first("a")), forward(to, next("")), forward(to, next("b")), forward(to, last("c")));
		this.script.receive(from, text("d")).expect(forward(to, text("d")));
		assertThat(this.seen).containsExactly("text(abc)", "text(d)");
	}

	@ParameterizedTest
	@EnumSource
	void messagePolicySeesTheWholeWhereOneFragmentHasAllTheBytes(Side from) {
		Side to = from.peer();
		this.script.policy(from, watch());
		this.script.receive(from, first("abc"), next(""), last(""))
			.expect(forward(to, first("abc")), forward(to, next("")), forward(to, last("")));
		this.script.receive(from, first(""), next(""), last("abc"))
			.expect(forward(to, first("")), forward(to, next("")), forward(to, last("abc")));
		this.script.receive(from, first(""), last("")).expect(forward(to, first("")), forward(to, last("")));
		assertThat(this.seen).containsExactly("text(abc)", "text(abc)", "text()");
	}

	@ParameterizedTest
	@EnumSource
	void controlFramesPassFragmentsThatAreHeld(Side from) {
		Side to = from.peer();
		this.script.policy(from, watch());
		this.script.receive(from, first("a"), ping("p"), last("b"))
			.expect(forward(to, ping("p")), forward(to, first("a")), forward(to, last("b")));
		assertThat(this.seen).containsExactly("text(ab)");
	}

	@ParameterizedTest
	@EnumSource
	void controlFramesThatAreReadPassFragmentsThatAreHeld(Side from) {
		Side to = from.peer();
		this.script.policy(from, watch())
			.bind(from, PolicyBinding.of("ping", seeing("drop", Verdict.drop())).types(FrameType.PING));
		this.script.receive(from, first("a"), ping("drop"), ping("p"), last("b"))
			.expect(forward(to, ping("p")), forward(to, first("a")), forward(to, last("b")));
		assertThat(this.seen).containsExactly("ping(drop)", "ping(p)", "text(ab)");
	}

	@ParameterizedTest
	@EnumSource
	void messagePolicyChangesAFragmentedMessage(Side from) {
		Side to = from.peer();
		this.script.policy(from, seeing("ab", becomes("AB"))).policy(from, seeing("cd", Verdict.drop()));
		this.script.receive(from, first("a"), last("b")).expect(send(to, text("AB")));
		this.script.receive(from, first("c"), last("d")).expectNothing();
		this.script.receive(from, first("e"), last("f")).expect(forward(to, first("e")), forward(to, last("f")));
	}

	@ParameterizedTest
	@EnumSource
	void heldFragmentsAreForgottenWhenTheSourceCloses(Side from) {
		this.script.policy(from, watch());
		this.script.receive(from, first("a"), next("b"), close(1000)).expect(forward(from.peer(), close(1000)));
		assertThat(this.seen).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void textOfTheWholeMayEndACharacterThatAFragmentBegins(Side from) {
		Side to = from.peer();
		List<String> texts = new ArrayList<>();
		this.script.policy(from, (frame, context) -> {
			texts.add(((TextFrame) frame).text());
			return Verdict.forward();
		});
		ScriptFrame begin = ScriptFrame.of(FrameType.TEXT, false, new byte[] { (byte) 0xC3 });
		ScriptFrame end = ScriptFrame.of(FrameType.CONTINUATION, true, new byte[] { (byte) 0xA9 });
		this.script.receive(from, begin, end).expect(forward(to, begin), forward(to, end));
		assertThat(texts).containsExactly("\u00e9");
	}

	// Policies on wire frames

	@ParameterizedTest
	@EnumSource
	void framePolicySeesEachFragment(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, watch());
		this.script.receive(from, first("a")).expect(forward(to, first("a")));
		this.script.receive(from, next("b")).expect(forward(to, next("b")));
		this.script.receive(from, last("c")).expect(forward(to, last("c")));
		this.script.receive(from, text("d")).expect(forward(to, text("d")));
		assertThat(this.seen).containsExactly("text...(a)", "continuation...(b)", "continuation(c)", "text(d)");
	}

	@ParameterizedTest
	@EnumSource
	void framePolicySeesFragmentsOfTheTypesItWantsOnly(Side from) {
		Side to = from.peer();
		this.script.bind(from,
				PolicyBinding.of("binary", watch()).types(FrameType.BINARY).granularity(Granularity.FRAME));
		this.script.header(from, first("a")).expect(forwardBegins(to, first("a")));
		this.script.rest(from).expect(forward(to, first("a")));
		this.script.receive(from, last("b")).expect(forward(to, last("b")));
		this.script.receive(from, binary(1).unfinished(), last("c"))
			.expect(forward(to, binary(1).unfinished()), forward(to, last("c")));
		assertThat(this.seen).containsExactly("binary...(\u0001)", "continuation(c)");
	}

	@ParameterizedTest
	@EnumSource
	void fragmentIsReplacedAndKeepsItsBits(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, (frame, context) -> Verdict.replaceText(payload(frame).toUpperCase(Locale.ROOT)))
			.framePolicy(from, watch());
		this.script.receive(from, first("a"), next("b"), last("c"), text("d"))
			.expect(send(to, first("A")), send(to, next("B")), send(to, last("C")), send(to, text("D")));
		assertThat(this.seen).containsExactly("text...(A)", "continuation...(B)", "continuation(C)", "text(D)");
	}

	@ParameterizedTest
	@EnumSource
	void fragmentMayBeReplacedByAnyDataFrame(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, on("a", Verdict.replace(BinaryFrame.of(new byte[] { 'A' }))))
			.framePolicy(from, on("b", Verdict.replace(ContinuationFrame.of(new byte[] { 'B' }, true))))
			.framePolicy(from,
					(frame, context) -> payload(frame).equals("c") ? Verdict.replace(frame) : Verdict.forward());
		this.script.receive(from, first("a"), next("b"), last("c"))
			.expect(send(to, first("A")), send(to, next("B")), send(to, last("c")));
	}

	@ParameterizedTest
	@EnumSource
	void droppedFirstFragmentTakesTheOthersWithIt(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, seeing("a", Verdict.drop()));
		this.script.receive(from, first("a"), ping("p"), next("b"), last("c")).expect(forward(to, ping("p")));
		this.script.receive(from, text("d")).expect(forward(to, text("d")));
		this.script.receive(from, first("e"), last("f")).expect(forward(to, first("e")), forward(to, last("f")));
		assertThat(this.seen).containsExactly("text...(a)", "text(d)", "text...(e)", "continuation(f)");
	}

	@ParameterizedTest
	@EnumSource
	void droppedMiddleFragmentIsLeftOut(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, seeing("b", Verdict.drop()));
		this.script.receive(from, first("a"), next("b"), next("c"), last("d"))
			.expect(forward(to, first("a")), forward(to, next("c")), forward(to, last("d")));
	}

	@ParameterizedTest
	@EnumSource
	void droppedLastFragmentEndsTheMessageEmpty(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, seeing("c", Verdict.drop()));
		this.script.receive(from, first("a"), next("b"), last("c"), text("d"))
			.expect(forward(to, first("a")), forward(to, next("b")), send(to, last("")), forward(to, text("d")));
	}

	@ParameterizedTest
	@EnumSource
	void repliedFragmentIsDroppedAndAnswered(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, seeing("b", Verdict.replyText("no")));
		this.script.receive(from, first("a"), next("b"), last("c"))
			.expect(forward(to, first("a")), send(from, text("no")), forward(to, last("c")));
	}

	@ParameterizedTest
	@EnumSource
	void injectedTextWaitsForFragmentsThatAFramePolicyLetsPass(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, seeing("b", becomes("B")));
		this.script.receive(from, first("a")).expect(forward(to, first("a")));
		this.script.inject(to, TextFrame.of("own")).expectNothing();
		this.script.inject(to, PingFrame.of(new byte[0])).expect(send(to, ping("")));
		this.script.receive(from, last("b")).expect(send(to, last("B")), send(to, text("own")));
	}

	@ParameterizedTest
	@EnumSource
	void framePolicyMayClose(Side from) {
		this.script.framePolicy(from, seeing("b", Verdict.close(CloseStatus.NORMAL)));
		this.script.receive(from, first("a"), next("b"), last("c"))
			.expect(forward(from.peer(), first("a")), send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)));
	}

	// Both

	@ParameterizedTest
	@EnumSource
	void wireFramesComeBeforeTheMessage(Side from) {
		Side to = from.peer();
		this.script.policy(from, watch()).framePolicy(from, watch());
		this.script.receive(from, first("a"), next("b"), last("c"))
			.expect(forward(to, first("a")), forward(to, next("b")), forward(to, last("c")));
		this.script.receive(from, text("d")).expect(forward(to, text("d")));
		assertThat(this.seen).containsExactly("text...(a)", "continuation...(b)", "continuation(c)", "text(abc)",
				"text(d)", "text(d)");
	}

	@ParameterizedTest
	@EnumSource
	void firstFragmentIsReplacedBeforeTheMessageIsSeen(Side from) {
		this.script.framePolicy(from, seeing("a", becomes("A"))).policy(from, watch());
		this.script.receive(from, first("a"), next("b"), last("c")).expect(send(from.peer(), text("Abc")));
		assertThat(this.seen).endsWith("text(Abc)");
	}

	@ParameterizedTest
	@EnumSource
	void middleFragmentIsReplacedBeforeTheMessageIsSeen(Side from) {
		this.script.framePolicy(from, seeing("b", becomes("B"))).policy(from, watch());
		this.script.receive(from, first("a"), next("b"), next("c"), last("d")).expect(send(from.peer(), text("aBcd")));
		assertThat(this.seen).endsWith("text(aBcd)");
	}

	@ParameterizedTest
	@EnumSource
	void lastFragmentIsReplacedBeforeTheMessageIsSeen(Side from) {
		this.script.framePolicy(from, seeing("c", becomes("C"))).policy(from, watch());
		this.script.receive(from, first("a"), next("b"), last("c")).expect(send(from.peer(), text("abC")));
		assertThat(this.seen).endsWith("text(abC)");
	}

	@ParameterizedTest
	@EnumSource
	void allFragmentsAreReplacedBeforeTheMessageIsSeen(Side from) {
		this.script.framePolicy(from, (frame, context) -> Verdict.replaceText("x")).policy(from, watch());
		this.script.receive(from, first("a"), next("b"), last("c")).expect(send(from.peer(), text("xxx")));
		this.script.receive(from, text("d")).expect(send(from.peer(), text("x")));
		assertThat(this.seen).containsExactly("text(xxx)", "text(x)");
	}

	@ParameterizedTest
	@EnumSource
	void droppedFirstFragmentKeepsTheMessageFromTheMessagePolicy(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, seeing("a", Verdict.drop())).policy(from, watch());
		this.script.receive(from, first("a"), next("b"), last("c")).expectNothing();
		this.script.receive(from, first("d"), last("e")).expect(forward(to, first("d")), forward(to, last("e")));
		assertThat(this.seen).containsExactly("text...(a)", "text...(d)", "continuation(e)", "text(de)");
	}

	@ParameterizedTest
	@EnumSource
	void firstFragmentIsReplacedAndThenDropped(Side from) {
		this.script.framePolicy(from, seeing("a", becomes("A")))
			.framePolicy(from, seeing("A", Verdict.drop()))
			.policy(from, watch());
		this.script.receive(from, first("a"), next("b"), last("c")).expectNothing();
		this.script.receive(from, text("d")).expect(forward(from.peer(), text("d")));
	}

	@ParameterizedTest
	@EnumSource
	void droppedMiddleFragmentIsMissingFromTheMessage(Side from) {
		this.script.framePolicy(from, seeing("b", Verdict.drop())).policy(from, watch());
		this.script.receive(from, first("a"), next("b"), next("c"), last("d")).expect(send(from.peer(), text("acd")));
		assertThat(this.seen).endsWith("text(acd)");
	}

	@ParameterizedTest
	@EnumSource
	void droppedLastFragmentIsMissingFromTheMessage(Side from) {
		this.script.framePolicy(from, seeing("c", Verdict.drop())).policy(from, watch());
		this.script.receive(from, first("a"), next("b"), last("c"), text("d"))
			.expect(send(from.peer(), text("ab")), forward(from.peer(), text("d")));
		assertThat(this.seen).containsSubsequence("text(ab)", "text(d)");
	}

	@ParameterizedTest
	@EnumSource
	void fragmentIsReplacedAndThenDropped(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, (frame, context) -> switch (payload(frame)) {
			case "b", "d" -> becomes("x");
			default -> Verdict.forward();
		}).framePolicy(from, seeing("x", Verdict.drop())).policy(from, watch());
		this.script.receive(from, first("a"), next("b"), last("c")).expect(send(to, text("ac")));
		this.script.receive(from, first("c"), last("d")).expect(send(to, text("c")));
	}

	@ParameterizedTest
	@EnumSource
	void allButTheFirstFragmentAreDropped(Side from) {
		this.script
			.framePolicy(from,
					(frame, context) -> (frame.type() == FrameType.CONTINUATION) ? Verdict.drop() : Verdict.forward())
			.policy(from, watch());
		this.script.receive(from, first("a"), next("b"), next("c"), last("d")).expect(send(from.peer(), text("a")));
	}

	@ParameterizedTest
	@EnumSource
	void messagePutTogetherAnewMayBeChangedAgain(Side from) {
		this.script.framePolicy(from, seeing("b", becomes("B"))).policy(from, seeing("aB", becomes("done")));
		this.script.receive(from, first("a"), last("b")).expect(send(from.peer(), text("done")));
	}

	@ParameterizedTest
	@EnumSource
	void wholeMessageIsReplacedByWireAndMessagePolicies(Side from) {
		Side to = from.peer();
		this.script.framePolicy(from, seeing("x", Verdict.replace(TextFrame.of("1"), TextFrame.of("2"))))
			.policy(from, seeing("1", Verdict.replace(TextFrame.of("1a"), TextFrame.of("1b"))));
		this.script.receive(from, text("x")).expect(send(to, text("1a")), send(to, text("1b")), send(to, text("2")));
	}

	@ParameterizedTest
	@EnumSource
	void framePolicyThatFailsOnAFragmentMayDropIt(Side from) {
		FramePolicy policy = (frame, context) -> {
			if (payload(frame).equals("b")) {
				throw new IllegalStateException();
			}
			return Verdict.forward();
		};
		this.script.bind(from, PolicyBinding.of("failing", policy).granularity(Granularity.FRAME).onError(OnError.DROP))
			.policy(from, watch());
		this.script.receive(from, first("a"), next("b"), last("c"))
			.expect(failure(from, "failing", IllegalStateException.class), send(from.peer(), text("ac")));
	}

	@ParameterizedTest
	@EnumSource
	void payloadOfAFragmentCannotBeReadLater(Side from) {
		List<Frame> kept = new ArrayList<>();
		this.script.framePolicy(from, (frame, context) -> {
			kept.add(frame);
			return Verdict.forward();
		}).policy(from, watch());
		this.script.receive(from, first("a")).expectNothing();
		assertThatIllegalStateException().isThrownBy(() -> kept.get(0).payload());
		this.script.receive(from, last("b")).expect(forward(from.peer(), first("a")), forward(from.peer(), last("b")));
		assertThatIllegalStateException().isThrownBy(() -> kept.get(1).payload());
	}

}
