package dev.wspolicy.redis;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Gateways whose Redis fails over to a replica without breaking their connections, as
 * when an operator or a provider changes what DNS says, or when the machine of the
 * primary is gone.
 */
class DemotedPrimaryTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private static final Duration LEASE = Duration.ofSeconds(6);

	private static final FleetCommand CLOSE = new FleetCommand.Close(SessionSelector.ALL, CloseStatus.of(4001, "bye"));

	private final RedisProcess first = RedisProcess.start("--repl-diskless-sync-delay", "0");

	private final RedisProcess second = RedisProcess.start("--replicaof", "127.0.0.1", "" + this.first.port());

	private final RedisLink link = RedisLink.to(this.first.port());

	@BeforeEach
	void awaitReplica() {
		await().until(() -> this.second.command("INFO replication").contains("master_link_status:up"));
	}

	@AfterEach
	void stop() {
		this.link.close();
		this.second.close();
		this.first.close();
	}

	@Test
	void sessionsAndMessagesAreCountedOnTheNewPrimary() {
		try (GatewaysUnderTraffic gateways = underTraffic()) {
			demote();
			gateways.openEach();
			gateways.awaitShared(Duration.ofMinutes(1));
			gateways.openEach();
			gateways.awaitShared(Duration.ofMinutes(1));
			gateways.assertUnharmed();
		}
	}

	@Test
	void sessionsAndMessagesAreCountedOnTheNewPrimaryIfTheOldOneIsSilent() {
		try (GatewaysUnderTraffic gateways = underTraffic()) {
			promote();
			this.link.silence();
			gateways.openEach();
			gateways.awaitShared(Duration.ofMinutes(1));
			gateways.assertUnharmed();
		}
	}

	private GatewaysUnderTraffic underTraffic() {
		return new GatewaysUnderTraffic(
				Map.of("spring.data.redis.host", "127.0.0.1", "spring.data.redis.port", this.link.port()), TIMEOUT,
				LEASE, List.of(this.first, this.second));
	}

	@Test
	void sentinelDemotesAPrimaryThatKeepsItsConnections() {
		try (RedisSentinel redis = RedisSentinel.startKeepingConnections();
				GatewaysUnderTraffic gateways = new GatewaysUnderTraffic(redis.properties(), TIMEOUT, LEASE,
						redis.servers())) {
			redis.switchOver();
			gateways.openEach();
			gateways.awaitShared(Duration.ofMinutes(1));
			gateways.assertUnharmed();
		}
	}

	@Test
	void commandsAreAnswered() {
		try (RedisMember one = member("one"); RedisMember two = member("two")) {
			awaitAnswers(one);
			demote();
			awaitAnswers(one);
			awaitAnswers(two);
		}
	}

	/**
	 * The connection that reads commands is led to a server that nobody else uses, which
	 * does not know that it has been replaced.
	 */
	@Test
	void commandsAreReadWhereTheyAreWritten() {
		try (RedisMember one = member("one"); RedisMember two = member("two")) {
			awaitAnswers(one);
			promote();
			this.first.command("CLIENT LIST")
				.lines()
				.filter((client) -> client.startsWith("id=") && !client.contains("cmd=xread")
						&& !client.contains("flags=S"))
				.map((client) -> client.substring(3, client.indexOf(' ')))
				.forEach((id) -> this.first.command("CLIENT KILL ID " + id));
			awaitAnswers(two);
		}
	}

	private RedisMember member(String name) {
		return RedisMember.start(name, "fleet:", this.link.port(), TIMEOUT, LEASE);
	}

	private static void awaitAnswers(RedisMember member) {
		await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
			FleetOutcome outcome = member.commands().send(CLOSE).block();
			assertThat(outcome).isNotNull();
			assertThat(outcome.reach().answered()).containsExactlyInAnyOrder("one", "two");
		});
	}

	private void promote() {
		this.second.command("REPLICAOF NO ONE");
		this.link.leadTo(this.second.port());
	}

	private void demote() {
		promote();
		this.first.command("REPLICAOF 127.0.0.1 " + this.second.port());
	}

}
