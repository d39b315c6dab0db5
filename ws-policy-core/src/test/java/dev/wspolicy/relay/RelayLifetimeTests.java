package dev.wspolicy.relay;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

	@ParameterizedTest
	@EnumSource
	void aFrameThatComesSlowlyKeepsASessionFromBeingIdle(Side from) {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.header(from, text("slow")).expect(new RelayAction.ForwardBegins(from.peer(), text("slow")));
		this.script.advance(MINUTE.minus(SECOND)).more(from).expectNothing();
		this.script.advance(MINUTE.minus(SECOND)).more(from).expectNothing();
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.rest(from).expect(forward(from.peer(), text("slow")));
	}

	@ParameterizedTest
	@EnumSource
	void theEndOfAFrameThatCameSlowlyIsActivity(Side from) {
		assertEndOfAFrameIsActivity(from, new RelayAction.ForwardBegins(from.peer(), text("slow")));
	}

	@ParameterizedTest
	@EnumSource
	void theEndOfAFrameThatIsReadByAPolicyIsActivity(Side from) {
		this.script.policy(from, always(Verdict.forward()));
		assertEndOfAFrameIsActivity(from);
	}

	private void assertEndOfAFrameIsActivity(Side from, RelayAction... begin) {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.header(from, text("slow")).expect(begin);
		this.script.advance(MINUTE.minus(SECOND)).more(from).expectNothing();
		this.script.rest(from).expect(forward(from.peer(), text("slow")));
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.advance(SECOND).expect(goodbye("idle"));
	}

	@ParameterizedTest
	@EnumSource
	void fragmentsThatAreDiscardedKeepASessionFromBeingIdle(Side from) {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.framePolicy(from, always(Verdict.drop()));
		this.script.receive(from, first("a")).expectNothing();
		this.script.advance(MINUTE.minus(SECOND)).receive(from, next("b")).expectNothing();
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.advance(SECOND).expect(goodbye("idle"));
	}

	/** For example data that are inflated, of which frames are made later. */
	@ParameterizedTest
	@EnumSource
	void dataOfWhichFramesAreMadeLaterKeepASessionFromBeingIdle(Side from) {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.advance(MINUTE.minus(SECOND)).more(from);
		this.script.relay().onData();
		assertThat(this.script.relay().status().lastData())
			.isEqualTo(ScriptDriver.START.plus(MINUTE).minus(SECOND).toNanos());
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.advance(SECOND).expect(goodbye("idle"));
	}

	@ParameterizedTest
	@EnumSource
	void aFrameThatDoesNotGoOnIsNotActivity(Side from) {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.header(from, text("slow")).expect(new RelayAction.ForwardBegins(from.peer(), text("slow")));
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.advance(SECOND).expect(send(from, close(1001, "idle")));
	}

	@ParameterizedTest
	@EnumSource
	void whatIsTakenSlowlyKeepsASessionFromBeingIdle(Side slow) {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.receive(slow.peer(), text("much")).expect(forward(slow, text("much")));
		this.script.writable(slow, false);
		this.script.advance(MINUTE.minus(SECOND)).take(slow).expectNothing();
		this.script.advance(MINUTE).take(slow).expectNothing();
		this.script.advance(MINUTE.minus(SECOND)).take(slow).expectNothing();
		this.script.advance(SECOND.multipliedBy(2)).writable(slow, true).expectNothing();
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.advance(SECOND).expect(goodbye("idle"));
	}

	@ParameterizedTest
	@EnumSource
	void whatIsNotTakenIsNotActivity(Side stuck) {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.receive(stuck.peer(), text("much")).expect(forward(stuck, text("much")));
		this.script.writable(stuck, false);
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
		this.script.advance(SECOND).expect(goodbye("idle"));
	}

	@ParameterizedTest
	@EnumSource
	void theFlushOfWhatFillsALegIsNotActivityOfItsPeer(Side stuck) {
		this.script.timeouts(timeouts(Duration.ZERO, MINUTE, Duration.ZERO, Timeouts.Heartbeat.OFF));
		this.script.receive(stuck.peer(), text("much")).expect(forward(stuck, text("much")));
		this.script.takesWhatIsFlushed(stuck).writable(stuck, false);
		this.script.advance(MINUTE.minus(SECOND)).expectNothing();
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
	void jitterMakesASessionEndEarlierButNotTooEarly() {
		Duration jitter = SECOND.multipliedBy(20);
		// The peers do not reply to the close frames within the jitter
		this.script.timeouts(Timeouts.builder().close(MINUTE).maxDuration(MINUTE).maxDurationJitter(jitter).build());
		this.script.advance(MINUTE.minus(jitter).minusNanos(1)).expectNothing();
		this.script.advance(jitter.plusNanos(1)).expect(goodbye("session too old"));
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

	@ParameterizedTest
	@EnumSource
	void whatTheGatewaySaysItselfDoesNotPileUpWhileTheSessionEnds(Side slow) {
		this.script.receive(slow, close(1000)).expect(forward(slow.peer(), close(1000)));
		this.script.unwritten(slow, 16 * 1024 * 1024);
		this.script.inject(slow, TextFrame.of("not yet")).expect(send(slow, text("not yet")));
		this.script.unwritten(slow, 16 * 1024 * 1024 + 1);
		this.script.inject(slow, TextFrame.of("one too many")).expectNothing();
		this.script.receive(slow.peer(), close(1000))
			.expect(forward(slow, close(1000)), finish(slow), finish(slow.peer()));
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

	private static Timeouts timeouts(Duration slowConsumer, Duration idle, Duration maxDuration,
			Timeouts.Heartbeat heartbeat) {
		Timeouts last = Timeouts.DEFAULT;
		return new Timeouts(last.handshake(), last.close(), last.verdict(), last.frame(), slowConsumer, idle,
				maxDuration, Duration.ZERO, heartbeat);
	}

}
