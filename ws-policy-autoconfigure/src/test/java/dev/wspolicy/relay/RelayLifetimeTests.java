package dev.wspolicy.relay;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How long sessions live: idle time, greatest age, heartbeats, peers that do not read.
 */
class RelayLifetimeTests extends AbstractRelayTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final Duration SECOND = Duration.ofSeconds(1);

	// idle-timeout

	@Test
	void aSessionWithoutMessagesIsIdle() {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.advance(SECOND).expect(goodbye("idle"));
	}

	@ParameterizedTest
	@EnumSource
	void aMessageOfEitherSideStartsTheIdleTimeAnew(Side from) {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.receive(from, text("here")).expect(forward(from.peer(), text("here")));
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.advance(SECOND).expect(goodbye("idle"));
	}

	@Test
	void pingsDoNotKeepASessionFromBeingIdle() {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.receive(Side.CLIENT, ping("a")).expect(forward(Side.UPSTREAM, ping("a")));
		this.script.advance(SECOND).expect(goodbye("idle"));
	}

	// max-duration

	@Test
	void aBusySessionIsClosedWhenItIsOldEnough() {
		this.script.timeouts(timeouts(Duration.ZERO, Duration.ZERO, MINUTE, Timeouts.Heartbeat.OFF));
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.receive(Side.CLIENT, text("busy")).expect(forward(Side.UPSTREAM, text("busy")));
		this.script.advance(SECOND).expect(goodbye("session too old"));
	}

	@Test
	void withoutTimeoutsASessionLivesForEver() {
		this.script.advance(Duration.ofDays(365)).expectNothing();
	}

	@Test
	void aSessionThatIsClosingIsNotClosedForAnotherReason() {
		this.script.timeouts(timeouts(Duration.ZERO, SECOND, SECOND, Timeouts.Heartbeat.OFF));
		this.script.receive(Side.CLIENT, close(1000)).expect(forward(Side.UPSTREAM, close(1000)));
		this.script.advance(SECOND.multipliedBy(2)).expectNothing();
	}

	// heartbeat

	@ParameterizedTest
	@EnumSource
	void aSilentPeerIsPingedAndItsPongIsNotRelayed(Side silent) {
		this.script.timeouts(heartbeat());
		this.script.advance(SECOND.multipliedBy(9)).expectNothing();
		this.script.receive(silent.peer(), ping("e2e")).expect(forward(silent, ping("e2e")));
		this.script.advance(SECOND);
		ScriptFrame ping = sentPing(silent);
		this.script.receive(silent, pongTo(ping)).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void tellsWhomItWaitsFor(Side silent) {
		assertThat(this.script.timeouts(heartbeat()).relay().hasHeartbeat(silent)).isTrue();
		this.script.advance(SECOND.multipliedBy(9)).expectNothing();
		this.script.receive(silent.peer(), text("a")).expect(forward(silent, text("a")));
		assertThat(this.script.relay().pingedAt(silent)).isEmpty();
		this.script.advance(SECOND);
		sentPing(silent);
		this.script.advance(SECOND).expectNothing();
		assertThat(this.script.relay().pingedAt(silent)).hasValue(SECOND.multipliedBy(10).toNanos());
		assertThat(this.script.relay().pingedAt(silent.peer())).isEmpty();
		this.script.receive(silent, text("b")).expect(forward(silent.peer(), text("b")));
		assertThat(this.script.relay().pingedAt(silent)).isEmpty();
	}

	@Test
	void tellsThatThereIsNoHeartbeat() {
		assertThat(this.script.relay().hasHeartbeat(Side.CLIENT)).isFalse();
		assertThat(this.script.relay().pingedAt(Side.CLIENT)).isEmpty();
	}

	@Test
	void pongsThatArePeersOwnAreRelayed() {
		this.script.timeouts(heartbeat());
		this.script.receive(Side.CLIENT, pong("mine")).expect(forward(Side.UPSTREAM, pong("mine")));
		this.script.receive(Side.UPSTREAM, pong("12345678")).expect(forward(Side.CLIENT, pong("12345678")));
	}

	@ParameterizedTest
	@EnumSource
	void aPeerThatStaysSilentEndsTheSession(Side silent) {
		this.script.timeouts(heartbeat());
		this.script.advance(SECOND.multipliedBy(9)).expectNothing();
		this.script.receive(silent.peer(), text("a")).expect(forward(silent, text("a")));
		this.script.advance(SECOND);
		sentPing(silent);
		this.script.advance(SECOND.multipliedBy(4)).expectNothing();
		this.script.receive(silent.peer(), text("b")).expect(forward(silent, text("b")));
		this.script.advance(SECOND);
		assertThat(this.script.takeActions()).startsWith(new RelayAction.HeartbeatMissed(silent))
			.contains(goodbye("heartbeat missed"));
	}

	@Test
	void anyByteCountsAsLife() {
		this.script.timeouts(heartbeat());
		this.script.advance(SECOND.multipliedBy(10));
		this.script.takeActions();
		this.script.header(Side.CLIENT, text("half")).expect(forwardBegins(Side.UPSTREAM, text("half")));
		this.script.rest(Side.CLIENT).expect(forward(Side.UPSTREAM, text("half")));
		this.script.receive(Side.UPSTREAM, binary(1)).expect(forward(Side.CLIENT, binary(1)));
		this.script.advance(SECOND.multipliedBy(9)).expectNothing();
	}

	@Test
	void aPeerIsNotBlamedForWhatIsNotRead() {
		CompletableFuture<Verdict> verdict = new CompletableFuture<>();
		this.script.timeouts(new Timeouts(MINUTE, MINUTE, MINUTE.multipliedBy(10), MINUTE, MINUTE, Duration.ZERO,
				Duration.ZERO, new Timeouts.Heartbeat(SECOND.multipliedBy(10), SECOND.multipliedBy(5))));
		this.script.policy(Side.CLIENT, (frame, context) -> Verdict.later(verdict));
		this.script.receive(Side.CLIENT, text("wait")).expect(suspend(Side.CLIENT));
		for (int i = 0; i < 6; i++) {
			this.script.advance(SECOND.multipliedBy(5));
			this.script.takeActions();
			this.script.receive(Side.UPSTREAM, binary(i)).expect(forward(Side.CLIENT, binary(i)));
		}
		this.script.answer(verdict, Verdict.forward())
			.expect(forward(Side.UPSTREAM, text("wait")), resume(Side.CLIENT));
	}

	@ParameterizedTest
	@EnumSource
	void aPeerIsNotBlamedForAPingThatCannotLeave(Side silent) {
		Side sending = silent.peer();
		this.script.timeouts(heartbeat());
		this.script.header(sending, text("long")).expect(forwardBegins(silent, text("long")));
		for (int i = 0; i < 6; i++) {
			this.script.advance(SECOND.multipliedBy(5)).expectNothing();
			this.script.relay().onRead(sending, this.script.nanoTime());
		}
		this.script.rest(sending).expect(forward(silent, text("long")));
		this.script.advance(SECOND.multipliedBy(9)).expectNothing();
		this.script.receive(sending, text("x")).expect(forward(silent, text("x")));
		this.script.advance(SECOND);
		sentPing(silent);
	}

	// slow-consumer-timeout

	@ParameterizedTest
	@EnumSource
	void aPeerThatDoesNotReadIsClosed(Side slow) {
		this.script.timeouts(timeouts(MINUTE, Duration.ZERO, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.writable(slow, false).expectNothing();
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.advance(SECOND).expect(closings(slow));
	}

	@ParameterizedTest
	@EnumSource
	void aPeerThatReadsInTimeIsNot(Side slow) {
		this.script.timeouts(timeouts(MINUTE, Duration.ZERO, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.writable(slow, false).advance(MINUTE.minus(SECOND)).writable(slow, true).expectNothing();
		this.script.advance(MINUTE).expectNothing();
		this.script.writable(slow, false).advance(MINUTE.minus(SECOND)).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void whatTheGatewaySaysItselfDoesNotPileUp(Side slow) {
		this.script.unwritten(slow, 16 * 1024 * 1024);
		this.script.inject(slow, TextFrame.of("not yet")).expect(send(slow, text("not yet")));
		this.script.unwritten(slow, 16 * 1024 * 1024 + 1);
		this.script.inject(slow, TextFrame.of("one too many")).expect(closings(slow));
	}

	private static RelayAction[] closings(Side slow) {
		RelayAction slowConsumer = send(slow, close(1008, "slow consumer"));
		RelayAction goingAway = send(slow.peer(), close(1001));
		return (slow == Side.CLIENT) ? new RelayAction[] { slowConsumer, goingAway }
				: new RelayAction[] { goingAway, slowConsumer };
	}

	private static RelayAction[] goodbye(String reason) {
		return new RelayAction[] { send(Side.CLIENT, close(1001, reason)), send(Side.UPSTREAM, close(1001, reason)) };
	}

	private ScriptFrame sentPing(Side side) {
		List<RelayAction> actions = this.script.takeActions();
		assertThat(actions).hasSize(1).first().isInstanceOf(RelayAction.Send.class);
		RelayAction.Send send = (RelayAction.Send) actions.get(0);
		assertThat(send.to()).isEqualTo(side);
		assertThat(send.frame().type()).isEqualTo(FrameType.PING);
		return send.frame();
	}

	private static ScriptFrame pongTo(ScriptFrame ping) {
		return ScriptFrame.of(FrameType.PONG, true, ping.bytes());
	}

	private static Timeouts heartbeat() {
		return timeouts(Duration.ZERO, Duration.ZERO, Duration.ZERO,
				new Timeouts.Heartbeat(SECOND.multipliedBy(10), SECOND.multipliedBy(5)));
	}

	private static Timeouts timeouts(Duration slowConsumer, Duration idle, Duration maxDuration,
			Timeouts.Heartbeat heartbeat) {
		Timeouts last = Timeouts.DEFAULT;
		return new Timeouts(last.handshake(), last.close(), last.verdict(), last.frame(), slowConsumer, idle,
				maxDuration, heartbeat);
	}

}
