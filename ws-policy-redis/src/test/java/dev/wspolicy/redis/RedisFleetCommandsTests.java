package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetCommands;
import dev.wspolicy.fleet.FleetCommandsContractTests;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.fleet.TestMember;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.TestSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a {@link FleetCommands} that one gateway uses for another one.
 */
class RedisFleetCommandsTests extends FleetCommandsContractTests {

	@RegisterExtension
	static final RedisFleetExtension fleet = new RedisFleetExtension();

	private RedisMember first;

	private RedisMember second;

	@BeforeEach
	void start() {
		this.first = fleet.join("first");
		this.second = fleet.join("second");
		fleet.awaitGateways(2);
	}

	/**
	 * Redis takes the ids of a stream from its clock, but none that are lower than those
	 * that the stream has had, unless it has expired or has been lost.
	 */
	@Test
	void commandsAreReadAndAnsweredAfterTheClockOfRedisHasBeenPutBack() {
		FleetKeys keys = this.second.store().keys();
		String later = Instant.now().plus(Duration.ofDays(1)).toEpochMilli() + "-0";
		for (String stream : List.of(keys.commands(), keys.replies("second"))) {
			fleet.redis().command("XADD " + stream + " " + later + " from nobody");
		}
		assertThat(close().reach().isComplete()).isTrue();
		for (String stream : List.of(keys.commands(), keys.replies("second"))) {
			fleet.redis().command("DEL " + stream);
		}
		TestSession session = member().open("a", "ana");
		await().untilAsserted(() -> assertThat(close().reach().isComplete()).isTrue());
		assertThat(session.closed()).hasSize(1);
	}

	private FleetOutcome close() {
		FleetOutcome outcome = commands()
			.send(new FleetCommand.Close(SessionSelector.principal("ana"), CloseStatus.of(4001, "bye")))
			.block(TIMEOUT);
		return Objects.requireNonNull(outcome);
	}

	@Override
	protected TestMember member() {
		return this.first.member();
	}

	@Override
	protected FleetCommands commands() {
		return this.second.commands();
	}

}
