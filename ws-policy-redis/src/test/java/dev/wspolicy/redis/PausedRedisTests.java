package dev.wspolicy.redis;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.Reach;
import dev.wspolicy.fleet.SessionList;
import dev.wspolicy.fleet.SessionQuery;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.TestSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for gateways whose Redis keeps its connections and does not answer.
 */
class PausedRedisTests {

	private static final CloseStatus BYE = CloseStatus.of(4001, "bye");

	/** Long for a busy machine, but less than a client of Redis waits. */
	private static final Duration BOUND = Duration.ofSeconds(20);

	@RegisterExtension
	static final RedisFleetExtension fleet = new RedisFleetExtension();

	private RedisMember a;

	private RedisMember b;

	@BeforeEach
	void start() {
		this.a = fleet.joinImpatiently("a");
		this.b = fleet.joinImpatiently("b");
		fleet.awaitGateways(2);
	}

	@Test
	void commandsDoNotWait() {
		TestSession own = this.a.member().open("own", "ana");
		TestSession other = this.b.member().open("other", "ana");
		await().until(() -> list().page().total() == 2);
		// Some failures before the command must not keep it from being sent
		await().until(() -> isReadInTime(20));
		fleet.redis().pause();
		try {
			long start = System.nanoTime();
			FleetOutcome outcome = this.a.commands()
				.send(new FleetCommand.Close(SessionSelector.principal("ana"), BYE))
				.block();
			assertThat(outcome).isNotNull();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
			assertThat(outcome.reach()).isEqualTo(new Reach(List.of("a"), List.of("b")));
			assertThat(own.closed()).containsExactly(BYE);
			start = System.nanoTime();
			assertThat(list().reach().missing()).containsExactly("b");
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
			await().until(() -> !this.a.store().isAvailable());
		}
		finally {
			fleet.redis().resume();
		}
		// What was on its way arrives
		await().untilAsserted(() -> assertThat(other.closed()).containsExactly(BYE));
		await().untilAsserted(() -> assertThat(list().reach().answered()).containsExactly("a", "b"));
		assertThat(own.closed()).containsExactly(BYE);
	}

	private boolean isReadInTime(int times) {
		for (int i = 0; i < times; i++) {
			if (!list().reach().isComplete()) {
				return false;
			}
		}
		return true;
	}

	private SessionList list() {
		SessionList list = this.a.directory().list(new SessionQuery(SessionSelector.ALL, null, 10)).block();
		assertThat(list).isNotNull();
		return list;
	}

}
