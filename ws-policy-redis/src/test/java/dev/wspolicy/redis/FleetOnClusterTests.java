package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.Test;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.Reach;
import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.SessionList;
import dev.wspolicy.fleet.SessionQuery;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.TestSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for gateways on a cluster of three nodes: no command touches keys of two slots.
 */
class FleetOnClusterTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@Test
	void listsCommandsAndRevokes() {
		try (RedisCluster cluster = RedisCluster.start();
				RedisMember a = RedisMember.startOnCluster("a", "fleet:", cluster.ports());
				RedisMember b = RedisMember.startOnCluster("b", "fleet:", cluster.ports())) {
			b.member().token("bob", "t1", Instant.now());
			TestSession ana = b.member().open("ana", "ana");
			TestSession bob = b.member().open("bob", "bob");
			await().atMost(TIMEOUT).untilAsserted(() -> {
				SessionList list = a.directory().list(new SessionQuery(SessionSelector.ALL, null, 10)).block();
				assertThat(list).isNotNull();
				assertThat(list.page().total()).isEqualTo(2);
				assertThat(list.reach()).isEqualTo(new Reach(List.of("a", "b"), List.of()));
			});
			FleetOutcome closed = a.commands()
				.send(new FleetCommand.Close(SessionSelector.principal("ana"), CloseStatus.GOING_AWAY))
				.block();
			assertThat(closed).isNotNull();
			assertThat(closed.sessions()).isEqualTo(1);
			assertThat(closed.reach().isComplete()).isTrue();
			assertThat(ana.closed()).containsExactly(CloseStatus.GOING_AWAY);
			FleetOutcome revoked = a.revocations()
				.revoke(Revocation.token("t1", Instant.now().plusSeconds(60)))
				.block();
			assertThat(revoked).isNotNull();
			// Whoever has just joined may have read it before the command, which then
			// closes none
			assertThat(revoked.sessions()).isLessThanOrEqualTo(1);
			assertThat(revoked.reach().isComplete()).isTrue();
			assertThat(bob.closed()).hasSize(1);
			try (RedisMember late = RedisMember.startOnCluster("c", "fleet:", cluster.ports())) {
				assertThat(late.revocations().size()).isEqualTo(1);
			}
		}
	}

}
