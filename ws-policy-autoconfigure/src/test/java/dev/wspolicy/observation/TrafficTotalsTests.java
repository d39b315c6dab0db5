package dev.wspolicy.observation;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.session.TestRegistry;
import dev.wspolicy.session.TestSession;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.VerdictCounts;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the totals of open and closed sessions.
 */
class TrafficTotalsTests {

	private static final Termination BY_CLIENT = new Termination(Initiator.CLIENT, Cause.CLOSE_FRAME,
			CloseStatus.NORMAL, CloseStatus.NORMAL, CloseStatus.NORMAL, CloseStatus.NORMAL);

	@Test
	void totalsNeverDecreaseAndAreReadAtMostOnceASecond() {
		MockClock clock = new MockClock();
		MeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
		TestRegistry sessions = new TestRegistry();
		SessionMeters listener = new SessionMeters(registry, sessions);
		TestSession session = session("chat").count(Direction.INBOUND, new TrafficCounts(3, 2, 100));
		sessions.add(session);
		listener.onOpen(session);
		FunctionCounter bytes = registry.get("wspolicy.bytes")
			.tags("route", "chat", "direction", "inbound", "type", "text")
			.functionCounter();
		assertThat(bytes.count()).isEqualTo(100);
		session.count(Direction.INBOUND, new TrafficCounts(4, 3, 150));
		assertThat(bytes.count()).as("within the same second").isEqualTo(100);
		clock.add(Duration.ofSeconds(1));
		assertThat(bytes.count()).isEqualTo(150);
		sessions.remove(session);
		clock.add(Duration.ofSeconds(1));
		assertThat(bytes.count()).as("removed from the registry, not reported to the listener yet").isEqualTo(150);
		listener.onClose(session, BY_CLIENT);
		clock.add(Duration.ofSeconds(1));
		assertThat(bytes.count()).as("closed").isEqualTo(150);
		TestSession next = session("chat").count(Direction.INBOUND, new TrafficCounts(1, 1, 7));
		sessions.add(next);
		listener.onOpen(next);
		clock.add(Duration.ofSeconds(1));
		assertThat(bytes.count()).isEqualTo(157);
	}

	@Test
	void verdictsOfOpenAndClosedSessions() {
		MockClock clock = new MockClock();
		MeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
		TestRegistry sessions = new TestRegistry();
		SessionMeters listener = new SessionMeters(registry, sessions);
		TestSession session = session("chat").verdicts(new VerdictCounts("mask", Direction.INBOUND, 1, 2, 3, 4, 5, 6));
		sessions.add(session);
		listener.onOpen(session);
		assertThat(verdicts(registry, "forward")).isEqualTo(1);
		assertThat(verdicts(registry, "replace")).isEqualTo(2);
		assertThat(verdicts(registry, "drop")).isEqualTo(3);
		assertThat(verdicts(registry, "reply")).isEqualTo(4);
		assertThat(verdicts(registry, "close")).isEqualTo(5);
		assertThat(verdicts(registry, "failed")).isEqualTo(6);
		assertThat(registry.get("wspolicy.buffered").tags("side", "client").gauge().value()).isEqualTo(7);
		assertThat(registry.get("wspolicy.buffered").tags("side", "upstream").gauge().value()).isZero();
		sessions.remove(session);
		session.verdicts(new VerdictCounts("mask", Direction.INBOUND, 10, 2, 3, 4, 5, 6));
		listener.onClose(session, BY_CLIENT);
		clock.add(Duration.ofSeconds(1));
		assertThat(verdicts(registry, "forward")).isEqualTo(10);
	}

	@Test
	void timesByPolicyAndDirection() {
		MeterRegistry registry = new SimpleMeterRegistry();
		SessionMeters timer = new SessionMeters(registry, new TestRegistry());
		timer.onTimed(session("chat"), Direction.INBOUND, "mask", 2000);
		timer.onTimed(session("chat"), Direction.INBOUND, "mask", 4000);
		timer.onTimed(session("chat"), Direction.OUTBOUND, "mask", 500);
		Timer inbound = registry.get("wspolicy.policy.time")
			.tags("route", "chat", "policy", "mask", "direction", "inbound")
			.timer();
		assertThat(inbound.count()).isEqualTo(2);
		assertThat(inbound.totalTime(TimeUnit.NANOSECONDS)).isEqualTo(6000);
		assertThat(inbound.max(TimeUnit.NANOSECONDS)).isEqualTo(4000);
		assertThat(registry.get("wspolicy.policy.time").timers()).hasSize(2);
	}

	private static double verdicts(MeterRegistry registry, String verdict) {
		return registry.get("wspolicy.verdicts")
			.tags("route", "chat", "policy", "mask", "direction", "inbound", "verdict", verdict)
			.functionCounter()
			.count();
	}

	private static TestSession session(String route) {
		return new TestSession("id", route, null, new InetSocketAddress("127.0.0.1", 1), Instant.now());
	}

}
