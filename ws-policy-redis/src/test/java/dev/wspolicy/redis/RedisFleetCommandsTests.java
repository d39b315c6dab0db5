package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.data.redis.connection.stream.MapRecord;
import org.springframework.data.redis.connection.stream.RecordId;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetCommands;
import dev.wspolicy.fleet.FleetCommandsContractTests;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.Revocation;
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

	private final FleetThreads threads = new FleetThreads();

	@AfterEach
	void stopThreads() {
		this.threads.close();
	}

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

	@Test
	void revocationsAreExecutedHoweverLateTheyAreRead() {
		Revocation revocation = Revocation.token("t1", Instant.now().plusSeconds(600));
		Map<String, String> command = Map.of("id", "1", "from", "other", "do",
				FleetCodec.write(new FleetCommand.Revoke(revocation)));
		long sentAt = System.currentTimeMillis() - RedisFleetCommands.MAX_AGE.multipliedBy(3).toMillis();
		FleetStore store = this.first.store();
		store.redis()
			.opsForStream()
			.add(MapRecord.create(store.keys().commands(), command).withId(RecordId.of(sentAt, 0)))
			.block(TIMEOUT);
		await().untilAsserted(() -> assertThat(this.first.member().revocations().size()).isEqualTo(1));
	}

	/** What is sent before a gateway knows where to begin is not read from the stream. */
	@Test
	void tellsThatItMayHaveMissedCommands() {
		AtomicInteger missed = new AtomicInteger();
		RedisFleetCommands commands = new RedisFleetCommands(member().gateway(), this.first.store(),
				this.threads.commands(), Duration.ofMillis(100));
		commands.onReconnect(missed::incrementAndGet);
		commands.start().block(TIMEOUT);
		assertThat(missed).hasValue(1);
		String key = this.first.store().keys().commands();
		fleet.redis().command("XADD " + key + " 99999999999999-0 from nobody");
		await().until(() -> close().reach().isComplete());
		fleet.redis().command("DEL " + key);
		fleet.redis().command("XADD " + key + " * from nobody");
		await().untilAsserted(() -> assertThat(missed).hasValueGreaterThan(1));
		commands.stop().block(TIMEOUT);
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
