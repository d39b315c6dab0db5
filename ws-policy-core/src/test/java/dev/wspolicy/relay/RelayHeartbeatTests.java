package dev.wspolicy.relay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Peers that are silent are pinged, and given up if they do not answer.
 */
class RelayHeartbeatTests extends AbstractRelayTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final Duration SECOND = Duration.ofSeconds(1);

	private static RelayAction[] goodbye(String reason) {
		return new RelayAction[] { send(Side.CLIENT, close(1001, reason)), send(Side.UPSTREAM, close(1001, reason)) };
	}

	/** The other one says something every two seconds. */
	private void advanceWithoutAWordOf(Side silent, Duration time) {
		for (Duration past = Duration.ZERO; past.compareTo(time) < 0; past = past.plusSeconds(2)) {
			this.script.receive(silent.peer(), text("x")).expect(forward(silent, text("x")));
			this.script.advance(SECOND.multipliedBy(2));
		}
	}

	/** A time of the script, on its clock. */
	private static long nanosAt(int seconds) {
		return ScriptDriver.START.plusSeconds(seconds).toNanos();
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
				maxDuration, Duration.ZERO, heartbeat);
	}

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
		assertThat(this.script.timeouts(heartbeat()).relay().status().hasHeartbeat(silent)).isTrue();
		this.script.advance(SECOND.multipliedBy(9)).expectNothing();
		this.script.receive(silent.peer(), text("a")).expect(forward(silent, text("a")));
		assertThat(this.script.relay().status().pingedAt(silent)).isEmpty();
		this.script.advance(SECOND);
		sentPing(silent);
		this.script.advance(SECOND).expectNothing();
		assertThat(this.script.relay().status().pingedAt(silent)).hasValue(nanosAt(10));
		assertThat(this.script.relay().status().pingedAt(silent.peer())).isEmpty();
		this.script.receive(silent, text("b")).expect(forward(silent.peer(), text("b")));
		assertThat(this.script.relay().status().pingedAt(silent)).isEmpty();
	}

	@Test
	void tellsThatThereIsNoHeartbeat() {
		assertThat(this.script.relay().status().hasHeartbeat(Side.CLIENT)).isFalse();
		assertThat(this.script.relay().status().pingedAt(Side.CLIENT)).isEmpty();
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

	@ParameterizedTest
	@EnumSource
	void aPingIsDueAfterEachIntervalAndTheTimeoutCountsFromTheFirst(Side silent) {
		this.script.timeouts(timeouts(Duration.ZERO, Duration.ZERO, Duration.ZERO,
				new Timeouts.Heartbeat(SECOND.multipliedBy(10), SECOND.multipliedBy(35))));
		for (int i = 0; i < 4; i++) {
			advanceWithoutAWordOf(silent, SECOND.multipliedBy(10));
			sentPing(silent);
			assertThat(this.script.relay().status().pingedAt(silent)).hasValue(nanosAt(10));
		}
		advanceWithoutAWordOf(silent, SECOND.multipliedBy(4));
		this.script.advance(SECOND);
		assertThat(this.script.takeActions()).startsWith(new RelayAction.HeartbeatMissed(silent));
	}

	/** For example 10 and 30 seconds. */
	@ParameterizedTest
	@EnumSource
	void noPingIsSentWhenTheTimeoutEndsTogetherWithAnInterval(Side silent) {
		this.script.timeouts(timeouts(Duration.ZERO, Duration.ZERO, Duration.ZERO,
				new Timeouts.Heartbeat(SECOND.multipliedBy(10), SECOND.multipliedBy(30))));
		for (int i = 0; i < 3; i++) {
			advanceWithoutAWordOf(silent, SECOND.multipliedBy(10));
			sentPing(silent);
		}
		advanceWithoutAWordOf(silent, SECOND.multipliedBy(8));
		this.script.advance(SECOND).expectNothing();
		this.script.advance(SECOND);
		CloseStatus missed = CloseStatus.GOING_AWAY.withReason("heartbeat missed");
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(new RelayAction.HeartbeatMissed(silent),
				send(silent, close(missed)), send(silent.peer(), close(missed)), closeSocket(silent));
	}

	@ParameterizedTest
	@EnumSource
	void aPeerThatAnswersTheLastPingLives(Side silent) {
		this.script.timeouts(timeouts(Duration.ZERO, Duration.ZERO, Duration.ZERO,
				new Timeouts.Heartbeat(SECOND.multipliedBy(10), SECOND.multipliedBy(35))));
		for (int round = 0; round < 3; round++) {
			for (int i = 0; i < 3; i++) {
				advanceWithoutAWordOf(silent, SECOND.multipliedBy(10));
				ScriptFrame ping = sentPing(silent);
				if (i == 2) {
					this.script.receive(silent, pongTo(ping)).expectNothing();
				}
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void aPeerThatMissedItsHeartbeatIsNotWaitedFor(Side silent) {
		Side other = silent.peer();
		this.script.timeouts(heartbeat());
		this.script.advance(SECOND.multipliedBy(9)).receive(other, text("x")).expect(forward(silent, text("x")));
		this.script.advance(SECOND);
		sentPing(silent);
		this.script.receive(other, text("y")).expect(forward(silent, text("y")));
		this.script.advance(SECOND.multipliedBy(5));
		CloseStatus missed = CloseStatus.GOING_AWAY.withReason("heartbeat missed");
		assertThat(this.script.takeActions()).containsExactlyInAnyOrder(new RelayAction.HeartbeatMissed(silent),
				send(silent, close(missed)), send(other, close(missed)), closeSocket(silent));
		this.script.lose(silent).expectNothing();
		this.script.receive(other, close(1001)).expect(finish(other));
		this.script.lose(other)
			.expect(terminated(silent, Initiator.GATEWAY, Cause.HEARTBEAT_MISSED, null, missed, CloseStatus.GOING_AWAY,
					missed));
	}

	@ParameterizedTest
	@EnumSource
	void aPeerThatMissedItsHeartbeatWithinAFrameIsReset(Side silent) {
		Side other = silent.peer();
		this.script.timeouts(heartbeat());
		this.script.advance(SECOND.multipliedBy(9)).receive(other, text("x")).expect(forward(silent, text("x")));
		this.script.advance(SECOND);
		sentPing(silent);
		this.script.header(other, text("long")).expect(forwardBegins(silent, text("long")));
		this.script.advance(SECOND.multipliedBy(5));
		assertThat(this.script.takeActions()).contains(abort(silent)).doesNotContain(closeSocket(silent));
		this.script.rest(other).expectNothing();
	}

	@ParameterizedTest
	@EnumSource
	void aPeerThatTakesBytesIsNotBlamedForAPingThatStandsBehindThem(Side silent) {
		this.script.timeouts(heartbeat());
		this.script.advance(SECOND.multipliedBy(9))
			.receive(silent.peer(), text("x"))
			.expect(forward(silent, text("x")));
		this.script.advance(SECOND);
		sentPing(silent);
		this.script.unwritten(silent, 1000).take(silent);
		this.script.advance(SECOND.multipliedBy(4))
			.receive(silent.peer(), text("y"))
			.expect(forward(silent, text("y")));
		this.script.advance(SECOND).expectNothing();
		// It takes nothing any more
		this.script.advance(SECOND.multipliedBy(5));
		assertThat(this.script.takeActions()).contains(new RelayAction.HeartbeatMissed(silent));
	}

	@ParameterizedTest
	@EnumSource
	void aPeerIsNotBlamedForAFrameThatDoesNotGoOnOnceItHasTakenWhatThereWas(Side silent) {
		Side sending = silent.peer();
		this.script.timeouts(heartbeat());
		this.script.header(sending, text("long")).expect(forwardBegins(silent, text("long")));
		this.script.advance(SECOND.multipliedBy(5)).more(sending).unwritten(silent, 1000);
		this.script.advance(SECOND.multipliedBy(5)).expectNothing();
		this.script.more(sending).unwritten(silent, 0).take(silent);
		for (int i = 0; i < 4; i++) {
			this.script.advance(SECOND.multipliedBy(5)).expectNothing();
			this.script.more(sending);
		}
	}

	@ParameterizedTest
	@EnumSource
	void aPeerHasTimeToAnswerAPingThatHasJustLeft(Side silent) {
		this.script.timeouts(heartbeat());
		this.script.advance(SECOND.multipliedBy(9))
			.receive(silent.peer(), text("x"))
			.expect(forward(silent, text("x")));
		this.script.unwritten(silent, 1000).advance(SECOND);
		sentPing(silent);
		this.script.advance(SECOND.multipliedBy(4))
			.receive(silent.peer(), text("y"))
			.expect(forward(silent, text("y")));
		this.script.unwritten(silent, 0).take(silent);
		this.script.advance(SECOND).expectNothing();
		this.script.advance(SECOND.multipliedBy(5));
		assertThat(this.script.takeActions()).contains(new RelayAction.HeartbeatMissed(silent));
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
				Duration.ZERO, Duration.ZERO, new Timeouts.Heartbeat(SECOND.multipliedBy(10), SECOND.multipliedBy(5))));
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
			this.script.relay().onRead(sending, this.script.driver().nanoTime());
		}
		this.script.rest(sending).expect(forward(silent, text("long")));
		this.script.advance(SECOND.multipliedBy(9)).expectNothing();
		this.script.receive(sending, text("x")).expect(forward(silent, text("x")));
		this.script.advance(SECOND);
		sentPing(silent);
	}

	@ParameterizedTest
	@EnumSource
	void silenceCountsFromTheLastByte(Side silent) {
		this.script.timeouts(heartbeat());
		this.script.advance(SECOND.multipliedBy(6))
			.receive(silent, text("a"))
			.expect(forward(silent.peer(), text("a")));
		this.script.advance(SECOND.multipliedBy(3))
			.receive(silent.peer(), text("b"))
			.expect(forward(silent, text("b")));
		this.script.advance(SECOND.multipliedBy(6)).expectNothing();
		this.script.advance(SECOND);
		sentPing(silent);
	}

	/** The peer first takes what is before the ping, so the ping leaves later. */
	@ParameterizedTest
	@EnumSource
	void thePingThatLeavesFirstCountsIfAnEarlierOneCouldNot(Side silent) {
		Side sending = silent.peer();
		this.script.timeouts(timeouts(Duration.ZERO, Duration.ZERO, Duration.ZERO,
				new Timeouts.Heartbeat(SECOND.multipliedBy(10), SECOND.multipliedBy(35))));
		this.script.header(sending, text("long")).expect(forwardBegins(silent, text("long")));
		this.script.unwritten(silent, 1000);
		advanceReading(sending);
		this.script.expectNothing();
		assertThat(this.script.relay().status().pingedAt(silent)).hasValue(nanosAt(10));
		this.script.rest(sending).expect(forward(silent, text("long")));
		for (int i = 0; i < 3; i++) {
			advanceReading(sending);
			sentPing(silent);
			assertThat(this.script.relay().status().pingedAt(silent)).hasValue(nanosAt(20));
		}
	}

	private void advanceReading(Side sending) {
		for (int i = 0; i < 2; i++) {
			this.script.more(sending).advance(SECOND.multipliedBy(5));
		}
	}

	@Test
	void pingsOfEachSideAndSessionDiffer() {
		List<RelayAction> pings = new ArrayList<>();
		for (RelayScript session : List.of(this.script, new RelayScript())) {
			session.timeouts(heartbeat()).advance(SECOND.multipliedBy(10));
			pings.addAll(session.takeActions());
		}
		assertThat(pings).hasSize(4)
			.extracting((action) -> ((RelayAction.Send) action).frame())
			.doesNotHaveDuplicates();
	}

}
