package dev.wspolicy.relay;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PongFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Compression;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a tap is told of the frames that policies judge and of those that the gateway
 * makes. Each record reads "where to, who made it, what, verdict, policy".
 */
class RelayTapTests extends AbstractRelayTests {

	private final RecordingTap tap = new RecordingTap();

	private void tapped() {
		this.script.relay().tap(this.tap);
	}

	private static String from(Side side) {
		return side.sends().name().toLowerCase(Locale.ROOT);
	}

	private static String to(Side side) {
		return from(side.peer());
	}

	@ParameterizedTest
	@EnumSource
	void forward(Side from) {
		this.script.policy(from, always(Verdict.forward())).policy(from, always(Verdict.forward()));
		tapped();
		this.script.receive(from, text("hi")).expect(forward(from.peer(), text("hi")));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) forward null");
	}

	@ParameterizedTest
	@EnumSource
	void whatPassesCutThroughIsTheDriversToTell(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		tapped();
		this.script.receive(from.peer(), text("hi"), ping("?"))
			.expect(forward(from, text("hi")), forward(from, ping("?")));
		assertThat(this.tap.taken()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void textThatIsOnlyCollectedToBeValidated(Side from) {
		this.script.framing(new WireOptions(Masking.PRESERVE, Utf8Validation.ALWAYS, Compression.OFF));
		tapped();
		this.script.receive(from, text("hi")).expect(forward(from.peer(), text("hi")));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) none null");
	}

	@ParameterizedTest
	@EnumSource
	void replace(Side from) {
		this.script.policy(from, on("hi", Verdict.replace(TextFrame.of("ho"), TextFrame.of("hu"))))
			.policy(from, on("ho", Verdict.drop()));
		tapped();
		this.script.receive(from, text("hi")).expect(send(from.peer(), text("hu")));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) replace policy-1",
				from(from) + " policy text(ho) drop policy-2", from(from) + " policy text(hu) forward null");
	}

	@ParameterizedTest
	@EnumSource
	void drop(Side from) {
		this.script.policy(from, always(Verdict.forward())).policy(from, always(Verdict.drop()));
		tapped();
		this.script.receive(from, text("hi")).expectNothing();
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) drop policy-2");
	}

	@ParameterizedTest
	@EnumSource
	void reply(Side from) {
		this.script.policy(from, always(Verdict.reply(TextFrame.of("no"), PongFrame.of(new byte[0]))));
		tapped();
		this.script.receive(from, text("hi")).expect(send(from, text("no")), send(from, pong("")));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) reply policy-1",
				to(from) + " policy text(no) none policy-1", to(from) + " policy pong() none policy-1");
	}

	@ParameterizedTest
	@EnumSource
	void close(Side from) {
		this.script.policy(from, always(Verdict.close(CloseStatus.of(4000))));
		tapped();
		this.script.receive(from, text("hi")).expect(closes(from, CloseStatus.of(4000), CloseStatus.of(4000)));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) close policy-1",
				"outbound policy close(4000) none policy-1", "inbound policy close(4000) none policy-1");
	}

	@ParameterizedTest
	@EnumSource
	void failures(Side from) {
		this.script.bind(from, PolicyBinding.of("lets-pass", failing()).onError(OnError.FORWARD))
			.bind(from, PolicyBinding.of("drops", failing()).onError(OnError.DROP));
		tapped();
		this.script.receive(from, text("hi"))
			.expect(failure(from, "lets-pass", IllegalStateException.class),
					failure(from, "drops", IllegalStateException.class));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) drop drops");
	}

	@ParameterizedTest
	@EnumSource
	void failureThatCloses(Side from) {
		this.script.policy(from, failing());
		tapped();
		this.script.receive(from, text("hi"));
		this.script.takeActions();
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) close policy-1",
				"outbound gateway close(1011) none null", "inbound gateway close(1011) none null");
	}

	private static FramePolicy failing() {
		return (frame, context) -> {
			throw new IllegalStateException("failed");
		};
	}

	@ParameterizedTest
	@EnumSource
	void timeIncludesTheWaitForAVerdict(Side from) {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		this.script.policy(from, always(Verdict.later(promise)));
		tapped();
		this.script.advance(Duration.ofSeconds(1));
		this.script.receive(from, text("hi")).expect(suspend(from));
		assertThat(this.tap.taken()).isEmpty();
		this.script.advance(Duration.ofMillis(20));
		this.script.answer(promise, Verdict.forward()).expect(forward(from.peer(), text("hi")), resume(from));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) forward null");
		assertThat(this.tap.nanos).isEqualTo(20_000_000);
	}

	@ParameterizedTest
	@EnumSource
	void timeIncludesThePoliciesOnFrames(Side from) {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		this.script.framePolicy(from, always(Verdict.later(promise))).policy(from, always(Verdict.drop()));
		tapped();
		this.script.advance(Duration.ofSeconds(1));
		this.script.receive(from, text("hi")).expect(suspend(from));
		this.script.advance(Duration.ofMillis(20));
		this.script.answer(promise, Verdict.forward()).expect(resume(from));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) drop policy-2");
		assertThat(this.tap.nanos).isEqualTo(20_000_000);
	}

	@ParameterizedTest
	@EnumSource
	void verdictThatCameTooLate(Side from) {
		this.script.policy(from, always(Verdict.later(new CompletableFuture<>())));
		tapped();
		this.script.receive(from, text("hi")).expect(suspend(from));
		this.script.close(CloseStatus.GOING_AWAY, CloseStatus.GOING_AWAY);
		this.script.takeActions();
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(hi) none null",
				"outbound gateway close(1001) none null", "inbound gateway close(1001) none null");
	}

	@ParameterizedTest
	@EnumSource
	void verdictOfAPolicyThatHasClosedTheSession(Side from) {
		this.script.policy(from, (frame, context) -> {
			context.session().close(CloseStatus.of(4001));
			return Verdict.forward();
		});
		tapped();
		this.script.receive(from, text("hi"));
		this.script.takeActions();
		assertThat(this.tap.taken()).containsExactly("outbound policy close(4001) none policy-1",
				"inbound policy close(4001) none policy-1", from(from) + " peer text(hi) none null");
	}

	@ParameterizedTest
	@EnumSource
	void fragmentsThatPoliciesAreShownAsAWhole(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		tapped();
		this.script.receive(from, first("a"), next("b"), last("c"))
			.expect(forward(from.peer(), first("a")), forward(from.peer(), next("b")), forward(from.peer(), last("c")));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text(abc) forward null");
	}

	@ParameterizedTest
	@EnumSource
	void fragmentsThatPoliciesAreShown(Side from) {
		this.script.framePolicy(from, on("b", Verdict.replaceText("B")));
		tapped();
		this.script.receive(from, first("a"), next("b"), last("c"))
			.expect(forward(from.peer(), first("a")), send(from.peer(), next("B")), forward(from.peer(), last("c")));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer text...(a) forward null",
				from(from) + " peer continuation...(b) replace policy-1",
				from(from) + " policy continuation...(B) forward null",
				from(from) + " peer continuation(c) forward null");
	}

	@ParameterizedTest
	@EnumSource
	void controlFramesThatPoliciesAreShown(Side from) {
		this.script.bind(from,
				PolicyBinding.of("pings", always(Verdict.reply(PongFrame.of(new byte[0]))))
					.types(FrameType.PING)
					.granularity(Granularity.FRAME));
		tapped();
		this.script.receive(from, ping("?")).expect(send(from, pong("")));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer ping(?) reply pings",
				to(from) + " policy pong() none pings");
	}

	@ParameterizedTest
	@EnumSource
	void bothHalvesOfTheClosingHandshake(Side from) {
		tapped();
		this.script.receive(from, close(1000)).expect(forward(from.peer(), close(1000)));
		this.script.receive(from.peer(), close(1000))
			.expect(forward(from, close(1000)), finish(from), finish(from.peer()));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer close(1000) none null",
				to(from) + " peer close(1000) none null");
	}

	@ParameterizedTest
	@EnumSource
	void answerToACloseOfTheGateways(Side from) {
		tapped();
		this.script.close(CloseStatus.of(4000), CloseStatus.of(4001));
		this.script.takeActions();
		this.tap.taken();
		this.script.receive(from, close(4321)).expect(finish(from));
		assertThat(this.tap.taken()).containsExactly(from(from) + " peer close(4321) none null");
	}

	@ParameterizedTest
	@EnumSource
	void lostLeg(Side lost) {
		tapped();
		this.script.lose(lost);
		this.script.takeActions();
		assertThat(this.tap.taken())
			.containsExactly(from(lost) + " gateway close(" + ((lost == Side.CLIENT) ? 1001 : 1011) + ") none null");
	}

	@ParameterizedTest
	@EnumSource
	void framesThatAreInjected(Side to) {
		tapped();
		this.script.inject(to, TextFrame.of("news")).expect(send(to, text("news")));
		assertThat(this.tap.taken()).containsExactly(to(to) + " gateway text(news) none null");
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsMadeForAClosingLeg(Side to) {
		tapped();
		this.script.close(CloseStatus.GOING_AWAY, CloseStatus.GOING_AWAY);
		this.script.takeActions();
		this.tap.taken();
		this.script.inject(to, TextFrame.of("news")).expectNothing();
		assertThat(this.tap.taken()).isEmpty();
	}

	@Test
	void heartbeats() {
		this.script.timeouts(new Timeouts(Timeouts.DEFAULT.handshake(), Timeouts.DEFAULT.close(),
				Timeouts.DEFAULT.verdict(), Timeouts.DEFAULT.frame(), Duration.ZERO, Duration.ZERO, Duration.ZERO,
				Duration.ZERO, new Timeouts.Heartbeat(Duration.ofSeconds(10), Duration.ofSeconds(5))));
		tapped();
		this.script.advance(Duration.ofSeconds(10));
		RelayAction.Send ping = this.script.takeActions()
			.stream()
			.map(RelayAction.Send.class::cast)
			.filter((send) -> send.to() == Side.CLIENT)
			.findFirst()
			.orElseThrow();
		// What a ping says is random, and may be a line break
		assertThat(this.tap.taken()).hasSize(2)
			.allMatch((told) -> told.matches("(?s)(in|out)bound gateway ping\\(.+\\) none null"));
		this.script.receive(Side.CLIENT, ScriptFrame.of(FrameType.PONG, true, ping.frame().bytes())).expectNothing();
		assertThat(this.tap.taken()).hasSize(1).allMatch((told) -> told.startsWith("inbound peer pong("));
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsToldWhenTheTapIsTakenOff(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		tapped();
		this.script.relay().tap(null);
		this.script.receive(from, text("hi")).expect(forward(from.peer(), text("hi")));
		this.script.inject(from, TextFrame.of("news")).expect(send(from, text("news")));
		assertThat(this.tap.taken()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void textThatIsNotUtf8(Side from) {
		this.script.policy(from, (frame, context) -> {
			((TextFrame) frame).text();
			return Verdict.forward();
		});
		tapped();
		this.script.receive(from, ScriptFrame.of(FrameType.TEXT, true, new byte[] { (byte) 0xC3 }));
		this.script.takeActions();
		assertThat(this.tap.taken()).first().isEqualTo(from(from) + " peer text(c3) none null");
	}

}
