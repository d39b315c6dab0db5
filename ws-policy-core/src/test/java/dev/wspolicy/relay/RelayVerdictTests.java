package dev.wspolicy.relay;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.FrameView;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Verdicts that are given at once, on whole messages and on control frames.
 */
class RelayVerdictTests extends AbstractRelayTests {

	@ParameterizedTest
	@EnumSource
	void forwardSendsTheOriginalBytes(Side from) {
		this.script.policy(from, seeing("a", always(Verdict.forward())))
			.policy(from, seeing("b", always(Verdict.forward())));
		this.script.receive(from, text("hi"), binary(1))
			.expect(forward(from.peer(), text("hi")), forward(from.peer(), binary(1)));
		assertThat(this.seen).containsExactly("a:text(hi)", "b:text(hi)", "a:binary(\u0001)", "b:binary(\u0001)");
	}

	@ParameterizedTest
	@EnumSource
	void messageThatIsReadIsHeldUntilItIsWhole(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		this.script.header(from, text("hi")).expectNothing();
		this.script.rest(from).expect(forward(from.peer(), text("hi")));
	}

	@ParameterizedTest
	@EnumSource
	void policyOfOneDirectionDoesNotSeeTheOther(Side from) {
		this.script.policy(from.peer(), always(Verdict.drop()));
		this.script.header(from, text("hi")).expect(forwardBegins(from.peer(), text("hi")));
		this.script.rest(from).expect(forward(from.peer(), text("hi")));
	}

	@ParameterizedTest
	@EnumSource
	void policyIsToldTheDirection(Side from) {
		List<Direction> directions = new ArrayList<>();
		this.script.policy(from, (frame, context) -> {
			directions.add(context.direction());
			return Verdict.forward();
		});
		this.script.receive(from, text("hi")).expect(forward(from.peer(), text("hi")));
		assertThat(directions).containsExactly(from.sends());
	}

	@ParameterizedTest
	@EnumSource
	void typesThatNobodyWantsPassUntouched(Side from) {
		this.script.bind(from, PolicyBinding.of("text", always(Verdict.drop())).types(FrameType.TEXT));
		this.script.header(from, binary(1)).expect(forwardBegins(from.peer(), binary(1)));
		this.script.rest(from).expect(forward(from.peer(), binary(1)));
		this.script.receive(from, ping("p"), pong("q"))
			.expect(forward(from.peer(), ping("p")), forward(from.peer(), pong("q")));
		this.script.receive(from, text("hi")).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void dropSwallowsTheMessage(Side from) {
		this.script.policy(from, on("no", Verdict.drop())).policy(from, seeing("after", always(Verdict.forward())));
		this.script.receive(from, text("no")).expectNothing();
		this.script.receive(from, text("yes")).expect(forward(from.peer(), text("yes")));
		assertThat(this.seen).containsExactly("after:text(yes)");
	}

	@ParameterizedTest
	@EnumSource
	void replaceByNoneSwallowsTheMessage(Side from) {
		this.script.policy(from, always(Verdict.replace()));
		this.script.receive(from, text("no")).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void replaceByOneSendsThatOne(Side from) {
		this.script.policy(from, on("hi", Verdict.replaceText("ho")));
		this.script.receive(from, text("hi")).expect(send(from.peer(), text("ho")));
		this.script.receive(from, text("hey")).expect(forward(from.peer(), text("hey")));
	}

	@ParameterizedTest
	@EnumSource
	void replaceByManyShowsEachToThePoliciesThatFollow(Side from) {
		Side to = from.peer();
		this.script
			.policy(from, seeing("a",
					on("x", Verdict.replace(TextFrame.of("1"), TextFrame.of("2"), BinaryFrame.of(new byte[0])))))
			.policy(from, seeing("b", on("1", Verdict.replace(TextFrame.of("1a"), TextFrame.of("1b")))))
			.policy(from, seeing("c", on("2", Verdict.drop())));
		this.script.receive(from, text("x")).expect(send(to, text("1a")), send(to, text("1b")), send(to, binary()));
		assertThat(this.seen).containsExactly("a:text(x)", "b:text(1)", "c:text(1a)", "c:text(1b)", "b:text(2)",
				"c:text(2)", "b:binary()", "c:binary()");
	}

	@ParameterizedTest
	@EnumSource
	void replaceByAnotherTypeAsksOnlyPoliciesOfThatType(Side from) {
		this.script.policy(from, on("x", Verdict.replace(BinaryFrame.of(new byte[] { 'y' }))))
			.bind(from, PolicyBinding.of("text", seeing("text", always(Verdict.forward()))).types(FrameType.TEXT))
			.bind(from,
					PolicyBinding.of("binary", seeing("binary", always(Verdict.forward()))).types(FrameType.BINARY));
		this.script.receive(from, text("x")).expect(send(from.peer(), binary('y')));
		assertThat(this.seen).containsExactly("binary:binary(y)");
	}

	@ParameterizedTest
	@EnumSource
	void replaceMayNameTheFrameItself(Side from) {
		this.script.policy(from, (frame, context) -> Verdict.replace(TextFrame.of("before"), frame))
			.policy(from, seeing("after", always(Verdict.forward())));
		this.script.receive(from, text("hi")).expect(send(from.peer(), text("before")), send(from.peer(), text("hi")));
		assertThat(this.seen).containsExactly("after:text(before)", "after:text(hi)");
	}

	@ParameterizedTest
	@EnumSource
	void replaceMayAddControlFrames(Side from) {
		this.script.policy(from, on("hi", Verdict.replace(PingFrame.of(new byte[] { 'p' }), TextFrame.of("ho"))));
		this.script.receive(from, text("hi")).expect(send(from.peer(), ping("p")), send(from.peer(), text("ho")));
	}

	@ParameterizedTest
	@EnumSource
	void replyAnswersTheSender(Side from) {
		this.script.policy(from, on("who?", Verdict.replyText("me")));
		this.script.receive(from, text("who?")).expect(send(from, text("me")));
		this.script.receive(from, text("ok")).expect(forward(from.peer(), text("ok")));
	}

	@ParameterizedTest
	@EnumSource
	void replyMayBeSeveralFrames(Side from) {
		this.script.policy(from,
				always(Verdict.reply(PingFrame.of(new byte[0]), TextFrame.of("1"), TextFrame.of("2"))));
		this.script.receive(from, text("x")).expect(send(from, ping("")), send(from, text("1")), send(from, text("2")));
	}

	@ParameterizedTest
	@EnumSource
	void replyMayBeTheFrameItself(Side from) {
		this.script.policy(from, (frame, context) -> Verdict.reply(frame));
		this.script.receive(from, text("echo")).expect(send(from, text("echo")));
	}

	@ParameterizedTest
	@EnumSource
	void replyPassesNoPolicy(Side from) {
		this.script.policy(from, always(Verdict.replyText("me")))
			.policy(from.peer(), seeing("opposite", always(Verdict.forward())));
		this.script.receive(from, text("x")).expect(send(from, text("me")));
		assertThat(this.seen).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void replyWaitsForTheEndOfAFrameToTheSender(Side from) {
		Side to = from.peer();
		this.script.policy(from, (frame, context) -> Verdict.reply(frame));
		this.script.header(to, text("long")).expect(forwardBegins(from, text("long")));
		this.script.receive(from, text("1"), text("2")).expectNothing();
		this.script.rest(to).expect(forward(from, text("long")), send(from, text("1")), send(from, text("2")));
	}

	@ParameterizedTest
	@EnumSource
	void replyWaitsForTheEndOfAFragmentedMessageToTheSender(Side from) {
		Side to = from.peer();
		this.script.policy(from, always(Verdict.reply(PingFrame.of(new byte[] { 'p' }), TextFrame.of("me"))));
		this.script.receive(to, first("a")).expect(forward(from, first("a")));
		this.script.receive(from, text("x")).expect(send(from, ping("p")));
		this.script.receive(to, next("b")).expect(forward(from, next("b")));
		this.script.receive(to, last("c")).expect(forward(from, last("c")), send(from, text("me")));
	}

	@ParameterizedTest
	@EnumSource
	void closeEndsBothLegs(Side from) {
		Side to = from.peer();
		CloseStatus status = CloseStatus.of(4001, "no");
		this.script.policy(from, always(Verdict.close(status)));
		this.script.receive(from, text("x"))
			.expect(send(Side.CLIENT, close(status)), send(Side.UPSTREAM, close(status)));
		this.script.receive(from, text("skipped"), ping("skipped")).expectNothing();
		this.script.receive(to, text("skipped")).expectNothing();
		assertThat(this.script.isEnding()).isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void closeMayHaveAStatusForEachSide(Side from) {
		this.script.policy(from, always(Verdict.close(CloseStatus.of(4001), CloseStatus.of(4002))));
		this.script.receive(from, text("x")).expect(send(Side.CLIENT, close(4001)), send(Side.UPSTREAM, close(4002)));
	}

	@ParameterizedTest
	@EnumSource
	void closeForgetsTheFramesOfAReplacementThatFollow(Side from) {
		this.script.policy(from, always(Verdict.replace(TextFrame.of("1"), TextFrame.of("2"), TextFrame.of("3"))))
			.policy(from, on("2", Verdict.close(CloseStatus.NORMAL)));
		this.script.receive(from, text("x"))
			.expect(send(from.peer(), text("1")), send(Side.CLIENT, close(1000)), send(Side.UPSTREAM, close(1000)));
	}

	// Policies that act on the session while they are asked

	@ParameterizedTest
	@EnumSource
	void policyMaySendWhileItIsAsked(Side from) {
		this.script.policy(from, (frame, context) -> {
			context.session().send(from, TextFrame.of("back"));
			context.session().send(from.peer(), frame);
			return Verdict.forward();
		});
		this.script.receive(from, text("x"))
			.expect(send(from, text("back")), send(from.peer(), text("x")), forward(from.peer(), text("x")));
	}

	@ParameterizedTest
	@EnumSource
	void policyMayCloseWhileItIsAsked(Side from) {
		List<String> read = new ArrayList<>();
		this.script.policy(from, (frame, context) -> {
			context.session().close(CloseStatus.of(4001), CloseStatus.of(4002));
			read.add(payload(frame));
			return Verdict.forward();
		}).policy(from, seeing("after", always(Verdict.forward())));
		this.script.receive(from, text("x")).expect(send(Side.CLIENT, close(4001)), send(Side.UPSTREAM, close(4002)));
		assertThat(read).containsExactly("x");
	}

	@ParameterizedTest
	@EnumSource
	void policyMayCloseWhileItIsAskedAboutAFragment(Side from) {
		List<String> read = new ArrayList<>();
		this.script.framePolicy(from, (frame, context) -> {
			if (frame.fin()) {
				context.session().close(CloseStatus.of(4001), CloseStatus.of(4002));
				read.add(payload(frame));
				return Verdict.replaceText("too late");
			}
			return Verdict.forward();
		}).policy(from, seeing("message", always(Verdict.forward())));
		this.script.receive(from, first("a"), last("b"))
			.expect(send(Side.CLIENT, close(4001)), send(Side.UPSTREAM, close(4002)));
		assertThat(read).containsExactly("b");
	}

	@ParameterizedTest
	@EnumSource
	void policyMayCloseWhileItIsAskedAboutAControlFrame(Side from) {
		this.script.policy(from, always(Verdict.forward())).bind(from, control((frame, context) -> {
			context.session().close(CloseStatus.of(4001), CloseStatus.of(4002));
			frame.payload();
			return Verdict.forward();
		}, FrameType.PING, FrameType.CLOSE));
		this.script.receive(from, first("held"), ping("p"))
			.expect(send(Side.CLIENT, close(4001)), send(Side.UPSTREAM, close(4002)));
	}

	@ParameterizedTest
	@EnumSource
	void policyMayCloseWhileItIsAskedAboutACloseFrame(Side from) {
		this.script.bind(from, control((frame, context) -> {
			context.session().close(CloseStatus.of(4001), CloseStatus.of(4002));
			return Verdict.forward();
		}, FrameType.CLOSE));
		this.script.receive(from, close(1000))
			.expect(send(Side.CLIENT, close(4001)), send(Side.UPSTREAM, close(4002)), finish(from));
	}

	@ParameterizedTest
	@EnumSource
	void policyMayCloseAndThenThrow(Side from) {
		this.script.policy(from, (frame, context) -> {
			context.session().close(CloseStatus.of(4001), CloseStatus.of(4002));
			throw new IllegalStateException();
		});
		this.script.receive(from, text("x")).expect(send(Side.CLIENT, close(4001)), send(Side.UPSTREAM, close(4002)));
	}

	@ParameterizedTest
	@EnumSource
	void replacementIsForgottenIfThePolicyHasClosedMeanwhile(Side from) {
		this.script.policy(from, always(Verdict.replace(TextFrame.of("1"), TextFrame.of("2"))))
			.policy(from, (frame, context) -> {
				context.session().close(CloseStatus.of(4001), CloseStatus.of(4002));
				return Verdict.forward();
			});
		this.script.receive(from, text("x")).expect(send(Side.CLIENT, close(4001)), send(Side.UPSTREAM, close(4002)));
	}

	// Payloads

	@ParameterizedTest
	@EnumSource
	void payloadThrowsOnceTheVerdictHasSettled(Side from) {
		List<Frame> kept = new ArrayList<>();
		this.script.policy(from, (frame, context) -> {
			kept.add(frame);
			kept.add(frame.copy());
			return switch (kept.size()) {
				case 2 -> Verdict.forward();
				case 4 -> Verdict.drop();
				case 6 -> Verdict.replaceText("other");
				default -> Verdict.close(CloseStatus.NORMAL);
			};
		});
		this.script.receive(from, text("1"), text("2"), text("3"), text("4"));
		this.script.takeActions();
		for (int i = 0; i < 8; i += 2) {
			Frame frame = kept.get(i);
			assertThatIllegalStateException().isThrownBy(frame::payload);
			assertThat(kept.get(i + 1).toByteArray()).asString().isEqualTo("" + (i / 2 + 1));
		}
	}

	@ParameterizedTest
	@EnumSource
	void viewIsReadOnceForAllPolicies(Side from) {
		List<String> views = new ArrayList<>();
		FrameView<String> view = (frame) -> {
			views.add("read");
			return payload(frame);
		};
		FramePolicy policy = (frame, context) -> {
			views.add(frame.view(view));
			return Verdict.forward();
		};
		this.script.framePolicy(from, policy).policy(from, policy).policy(from, policy);
		this.script.receive(from, text("x")).expect(forward(from.peer(), text("x")));
		assertThat(views).containsExactly("read", "x", "x", "x");
	}

	@ParameterizedTest
	@EnumSource
	void closeSenderTellsTheOtherSideThatTheSenderGoesAway(Side from) {
		CloseStatus status = CloseStatus.of(4001, "no");
		this.script.policy(from, always(Verdict.later(Mono.just(Verdict.closeSender(status)))));
		boolean client = from == Side.CLIENT;
		this.script.receive(from, text("x"))
			.expect(send(Side.CLIENT, client ? close(status) : close(1001)),
					send(Side.UPSTREAM, client ? close(1001) : close(status)));
	}

}
