package dev.wspolicy.relay;

import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TrafficCounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Frames that no policy asks for: they go on as they came.
 */
class RelayForwardTests extends AbstractRelayTests {

	static Stream<Arguments> framesOfEachSide() {
		return Stream.of(Side.values())
			.flatMap((from) -> Stream
				.of(text("hi"), text(""), text("\u00e9\u20ac\ud83d\ude00"), binary(0, 255), binary(), ping("p"),
						ping(""), pong("p"), pong(""))
				.map((frame) -> Arguments.of(from, frame)));
	}

	@ParameterizedTest
	@MethodSource("framesOfEachSide")
	void frameGoesOn(Side from, ScriptFrame frame) {
		this.script.receive(from, frame).expect(forward(from.peer(), frame));
	}

	@ParameterizedTest
	@MethodSource("framesOfEachSide")
	void headerGoesOnBeforeThePayload(Side from, ScriptFrame frame) {
		this.script.header(from, frame).expect(forwardBegins(from.peer(), frame));
		this.script.rest(from).expect(forward(from.peer(), frame));
	}

	@ParameterizedTest
	@EnumSource
	void framesGoOnInOrder(Side from) {
		Side to = from.peer();
		this.script.receive(from, text("1"), ping("2"), binary(3), pong("4"), text("5"))
			.expect(forward(to, text("1")), forward(to, ping("2")), forward(to, binary(3)), forward(to, pong("4")),
					forward(to, text("5")));
	}

	@ParameterizedTest
	@EnumSource
	void fragmentsStayAsTheyAre(Side from) {
		Side to = from.peer();
		this.script.receive(from, first("a")).expect(forward(to, first("a")));
		this.script.receive(from, next("")).expect(forward(to, next("")));
		this.script.receive(from, next("b")).expect(forward(to, next("b")));
		this.script.receive(from, last("c")).expect(forward(to, last("c")));
		this.script.receive(from, text("d")).expect(forward(to, text("d")));
	}

	@ParameterizedTest
	@EnumSource
	void controlFramesStandBetweenFragments(Side from) {
		Side to = from.peer();
		this.script.receive(from, first("a"), ping("1"), next("b"), pong("2"), last("c"))
			.expect(forward(to, first("a")), forward(to, ping("1")), forward(to, next("b")), forward(to, pong("2")),
					forward(to, last("c")));
	}

	@Test
	void directionsDoNotHinderEachOther() {
		Side client = Side.CLIENT;
		Side upstream = Side.UPSTREAM;
		this.script.receive(client, first("a")).expect(forward(upstream, first("a")));
		this.script.header(upstream, text("x")).expect(forwardBegins(client, text("x")));
		this.script.receive(client, last("b")).expect(forward(upstream, last("b")));
		this.script.rest(upstream).expect(forward(client, text("x")));
	}

	@ParameterizedTest
	@EnumSource
	void countsWhatArrives(Side from) {
		this.script.receive(from, first("12"), ping("3"), last("45"), text("6"));
		this.script.takeActions();
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(4, 2, 6));
		assertThat(FrameType.values())
			.extracting((type) -> this.script.relay().status().counts(from.sends(), type),
					(type) -> this.script.relay().status().counts(from.peer().sends(), type).frames())
			.containsExactly(tuple(new FrameCounts(1, 2), 0L), tuple(new FrameCounts(2, 3), 0L),
					tuple(new FrameCounts(0, 0), 0L), tuple(new FrameCounts(0, 0), 0L),
					tuple(new FrameCounts(1, 1), 0L), tuple(new FrameCounts(0, 0), 0L));
		assertThat(this.script.counts(from.peer())).isEqualTo(new TrafficCounts(0, 0, 0));
	}

	@ParameterizedTest
	@EnumSource
	void countsFrameWhoseHeaderHasCome(Side from) {
		this.script.header(from, text("123")).expect(forwardBegins(from.peer(), text("123")));
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(1, 1, 3));
	}

	@ParameterizedTest
	@EnumSource
	void countsSaturate(Side from) {
		this.script.receive(from, text("1"));
		this.script.takeActions();
		ScriptFrame huge = text("").claiming(Long.MAX_VALUE);
		this.script.receive(from, huge);
		this.script.takeActions();
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(2, 2, Long.MAX_VALUE));
	}

	@ParameterizedTest
	@EnumSource
	void doesNotCountWhatIsClaimedOnly(Side from) {
		ScriptFrame claim = binary().claiming(65_537);
		this.script.header(from, claim).expect(forwardBegins(from.peer(), claim));
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(1, 1, 0));
		this.script.rest(from).expect(forward(from.peer(), claim));
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(1, 1, 65_537));
	}

	@ParameterizedTest
	@EnumSource
	void doesNotCountTheClaimOfALegThatIsLost(Side from) {
		this.script.header(from, binary().claiming(Long.MAX_VALUE));
		this.script.takeActions();
		this.script.lose(from).expect(abort(from.peer()));
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(1, 1, 0));
	}

	@ParameterizedTest
	@EnumSource
	void countsLongFramesThatPoliciesAreShownOrThatAreDropped(Side from) {
		String payload = "x".repeat(65_537);
		this.script.framePolicy(from, on("dropped", Verdict.drop()));
		this.script.receive(from, text(payload), first("dropped"), last(payload));
		this.script.takeActions();
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(3, 2, 2 * 65_537 + 7));
	}

	@ParameterizedTest
	@EnumSource
	void doesNotCountWhatIsOverALimit(Side from) {
		this.script.limits(from, new Limits(Limits.NONE.frame(), 10, Limits.NONE.fragments()));
		this.script.receive(from, text("123"), text("").claiming(1L << 62));
		this.script.takeActions();
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(1, 1, 3));
	}

	@ParameterizedTest
	@EnumSource
	void doesNotCountWhatComesAfterTheEnd(Side from) {
		this.script.receive(from, close(CloseStatus.NORMAL), text("late"));
		this.script.takeActions();
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(1, 0, 2));
	}

	@ParameterizedTest
	@EnumSource
	void controlFrameMayHave125Bytes(Side from) {
		ScriptFrame longest = ping("x".repeat(125));
		this.script.receive(from, longest).expect(forward(from.peer(), longest));
	}

	@ParameterizedTest
	@EnumSource
	void countsTheLongestFrameThatCountsWithItsHeaderOnce(Side from) {
		ScriptFrame longest = binary().claiming(65_536);
		this.script.header(from, longest).expect(forwardBegins(from.peer(), longest));
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(1, 1, 65_536));
		this.script.rest(from).expect(forward(from.peer(), longest));
		assertThat(this.script.counts(from)).isEqualTo(new TrafficCounts(1, 1, 65_536));
	}

	@ParameterizedTest
	@EnumSource
	void tellsWhetherFramesStillPass(Side from) {
		assertThat(this.script.relay().isOpen(from.sends())).isTrue();
		this.script.receive(from, close(1000)).expect(forward(from.peer(), close(1000)));
		assertThat(this.script.relay().isOpen(from.sends())).isFalse();
		assertThat(this.script.relay().isOpen(from.peer().sends())).isTrue();
	}

}
