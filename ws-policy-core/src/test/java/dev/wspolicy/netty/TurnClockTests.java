package dev.wspolicy.netty;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.LoopTurns;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How long turns of event loops take, and how many are counted.
 */
class TurnClockTests {

	private static final Duration LITTLE_MORE = Duration.ofMillis(6).plusNanos(1000);

	private final LiveSessions registry = new LiveSessions();

	private long now;

	private final TurnClock clock = new TurnClock(() -> this.now);

	@Test
	void readLoopIsOneTurnHoweverManyReadsItHas() {
		this.clock.startReading("a", 10);
		this.clock.startReading("a", 20);
		this.clock.endReading("a", 50);
		// Nothing was read.
		this.clock.endReading("a", 60);
		assertThat(this.clock.count()).isOne();
		assertThat(this.clock.total()).isEqualTo(40);
		assertThat(this.clock.longest()).isEqualTo(40);
	}

	@Test
	void turnThatNobodyEndedIsForgotten() {
		this.clock.startReading("a", 10);
		this.clock.startReading("b", 1000);
		this.clock.endReading("b", 1001);
		this.clock.endReading("a", 1002);
		assertThat(this.clock.count()).isOne();
		assertThat(this.clock.total()).isOne();
	}

	@Test
	void longestTurnIsRememberedForOneToTwoWindows() {
		this.clock.record(0, 500);
		this.clock.record(500, 600);
		long second = TurnClock.WINDOW + 1;
		this.now = second;
		assertThat(this.clock.longest()).isEqualTo(500);
		this.clock.record(second, second + 70);
		assertThat(this.clock.longest()).isEqualTo(500);
		long third = second + 70 + TurnClock.WINDOW;
		this.clock.record(third, third + 30);
		this.now = third;
		assertThat(this.clock.longest()).isEqualTo(70);
	}

	@Test
	void longestTurnBeforeASilenceIsForgotten() {
		this.clock.record(0, 500);
		this.now = 2 * TurnClock.WINDOW;
		assertThat(this.clock.longest()).isZero();
		this.clock.record(this.now, this.now + 3);
		assertThat(this.clock.longest()).isEqualTo(3);
	}

	@Test
	void readsVerdictsAndFurtherTurnsOfASessionAreTurns() {
		CompletableFuture<Verdict> verdict = new CompletableFuture<>();
		SteadyChannel client = new SteadyChannel();
		try (EmbeddedSession session = EmbeddedSession.builder()
			.registry(this.registry)
			.channels(client, new SteadyChannel())
			.inbound(List.of(PolicyBinding.of("policy", (frame, context) -> {
				client.advanceTimeBy(3, TimeUnit.MILLISECONDS);
				return (frame.length() == 5) ? Verdict.later(verdict) : Verdict.forward();
			})))
			.open()) {
			LoopTurns before = this.registry.turns();
			session.read(Side.CLIENT, WireFrame.text("a"), WireFrame.text("b"));
			LoopTurns read = this.registry.turns();
			assertThat(read.count() - before.count()).isOne();
			// The clock goes on by a nanosecond whenever it is read.
			assertThat(read.total().minus(before.total())).isBetween(Duration.ofMillis(6), LITTLE_MORE);
			session.read(Side.CLIENT, WireFrame.text("later"), WireFrame.text("c"));
			verdict.complete(Verdict.forward());
			session.runTasks();
			LoopTurns later = this.registry.turns();
			assertThat(later.count() - read.count()).isEqualTo(2);
			assertThat(later.total().minus(read.total())).isBetween(Duration.ofMillis(6), LITTLE_MORE);
			assertThat(session.frames(Side.UPSTREAM)).hasSize(4);
			// By the clock of the event loop, which need not be the one of the JVM.
			assertThat(later.longest()).isBetween(Duration.ofMillis(6), LITTLE_MORE);
			client.advanceTimeBy(3, TimeUnit.MINUTES);
			assertThat(this.registry.turns().longest()).isZero();
			session.read(Side.CLIENT, WireFrame.text("d"));
			assertThat(this.registry.turns().longest()).isBetween(Duration.ofMillis(3), LITTLE_MORE);
		}
	}

}
