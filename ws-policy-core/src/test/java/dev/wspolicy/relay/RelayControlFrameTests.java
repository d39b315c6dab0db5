package dev.wspolicy.relay;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Verdicts on control frames.
 */
class RelayControlFrameTests extends AbstractRelayTests {

	// Control frames

	@ParameterizedTest
	@EnumSource
	void controlFrameIsForwardedAsItCame(Side from) {
		this.script.bind(from, control(seeing("a", always(Verdict.forward())), FrameType.PING, FrameType.CLOSE));
		this.script.header(from, ping("p")).expectNothing();
		this.script.rest(from).expect(forward(from.peer(), ping("p")));
		this.script.receive(from, pong("q")).expect(forward(from.peer(), pong("q")));
		this.script.receive(from, close(1000, "bye")).expect(forward(from.peer(), close(1000, "bye")));
		assertThat(this.seen).containsExactly("a:ping(p)", "a:close(1000 bye)");
	}

	@ParameterizedTest
	@EnumSource(Granularity.class)
	void controlFramesAreShownToEachGranularity(Granularity granularity) {
		Side from = Side.CLIENT;
		this.script.bind(from,
				control(seeing("a", always(Verdict.forward())), FrameType.PING).granularity(granularity));
		this.script.receive(from, ping("p")).expect(forward(from.peer(), ping("p")));
		assertThat(this.seen).containsExactly("a:ping(p)");
	}

	@ParameterizedTest
	@EnumSource
	void controlFrameIsDroppedRepliedToAndReplaced(Side from) {
		Side to = from.peer();
		this.script.bind(from, control((frame, context) -> switch (payload(frame)) {
			case "drop" -> Verdict.drop();
			case "none" -> Verdict.replace();
			case "echo" -> Verdict.reply(frame);
			case "text" -> Verdict.replaceText("ping!");
			case "same" -> Verdict.replace(frame, frame);
			default -> Verdict.replace(PingFrame.of(new byte[] { 'q' }));
		}, FrameType.PING));
		this.script.receive(from, ping("drop")).expectNothing();
		this.script.receive(from, ping("none")).expectNothing();
		this.script.receive(from, ping("echo")).expect(send(from, ping("echo")));
		this.script.receive(from, ping("text")).expect(send(to, text("ping!")));
		this.script.receive(from, ping("same")).expect(send(to, ping("same")), send(to, ping("same")));
		this.script.receive(from, ping("other")).expect(send(to, ping("q")));
	}

	@ParameterizedTest
	@EnumSource
	void textInPlaceOfAPingWaitsForTheEndOfTheMessage(Side from) {
		Side to = from.peer();
		this.script.bind(from, control(always(Verdict.replaceText("ping!")), FrameType.PING));
		this.script.receive(from, first("a"), ping("p"), last("b"), text("c"))
			.expect(forward(to, first("a")), forward(to, last("b")), send(to, text("ping!")), forward(to, text("c")));
	}

	@ParameterizedTest
	@EnumSource
	void closeFrameIsReplacedByAnother(Side from) {
		Side to = from.peer();
		this.script.bind(from, control(
				(frame, context) -> Verdict.replace(CloseFrame.of(CloseStatus.of(4000, "changed"))), FrameType.CLOSE));
		this.script.receive(from, close(1000, "bye")).expect(send(to, close(4000, "changed")));
		this.script.receive(to, close(4000, "changed"))
			.expect(forward(from, close(4000, "changed")), finish(from), finish(to));
	}

	@ParameterizedTest
	@EnumSource
	void closeVerdictOnACloseFrameEndsBothLegs(Side from) {
		this.script.bind(from, control(always(Verdict.close(CloseStatus.of(4000))), FrameType.CLOSE));
		if (from == Side.CLIENT) {
			this.script.receive(from, close(1000))
				.expect(send(Side.CLIENT, close(4000)), finish(from), send(Side.UPSTREAM, close(4000)));
		}
		else {
			this.script.receive(from, close(1000))
				.expect(send(Side.CLIENT, close(4000)), send(Side.UPSTREAM, close(4000)), finish(from));
		}
	}

	@Test
	void messageInPlaceOfAPingIsShownToThePoliciesThatFollow() {
		Side from = Side.CLIENT;
		this.script.bind(from, control(always(Verdict.replaceText("ping!")), FrameType.PING))
			.policy(from, seeing("message", always(Verdict.forward())))
			.framePolicy(from, seeing("frame", always(Verdict.forward())));
		this.script.receive(from, ping("p")).expect(send(Side.UPSTREAM, text("ping!")));
		assertThat(this.seen).containsExactly("message:text(ping!)", "frame:text(ping!)");
	}

	@Test
	void controlFrameThatAFramePolicyMakesIsShownToMessagePolicies() {
		Side from = Side.CLIENT;
		this.script.framePolicy(from, always(Verdict.replace(PingFrame.of(new byte[] { 'p' }))))
			.bind(from, control(seeing("message", always(Verdict.forward())), FrameType.PING));
		this.script.receive(from, text("x")).expect(send(Side.UPSTREAM, ping("p")));
		assertThat(this.seen).containsExactly("message:ping(p)");
	}

}
