package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.SessionList;
import dev.wspolicy.fleet.SessionQuery;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that gateways replace what something else has left under their keys.
 */
class ForeignKeysTests {

	@RegisterExtension
	static final RedisFleetExtension fleet = new RedisFleetExtension(Duration.ofSeconds(3));

	private RedisMember one;

	private RedisMember two;

	@BeforeEach
	void start() {
		this.one = fleet.join("one");
		this.two = fleet.join("two");
		fleet.awaitGateways(2);
		this.one.member().open("session", "ana");
	}

	static Stream<Function<FleetKeys, String>> keys() {
		return Stream.of(FleetKeys::gateways, (keys) -> keys.sessions("one"), (keys) -> keys.order("one"),
				FleetKeys::commands, (keys) -> keys.replies("two"), FleetKeys::revocations, FleetKeys::overrides);
	}

	@ParameterizedTest
	@MethodSource("keys")
	void areReplaced(Function<FleetKeys, String> keys) {
		String key = keys.apply(this.one.store().keys());
		assertThat(fleet.redis().command("SET " + key + " foreign")).isEqualTo("+OK\n");
		await().untilAsserted(() -> {
			SessionList list = this.two.directory().list(new SessionQuery(SessionSelector.ALL, null, 10)).block();
			assertThat(list).isNotNull();
			assertThat(list.reach().missing()).isEmpty();
			assertThat(list.page().total()).isEqualTo(1);
			assertThat(isAnswered(new FleetCommand.Close(SessionSelector.principal("bob"), CloseStatus.GOING_AWAY)))
				.isTrue();
			assertThat(isAnswered(new FleetCommand.SwitchPolicy(override()))).isTrue();
			this.two.revocations().revoke(Revocation.token("t1", Instant.now().plusSeconds(60))).block();
			assertThat(this.one.revocations().size()).isEqualTo(1);
			assertThat(fleet.redis().command("ZCARD " + this.one.store().keys().revocations())).startsWith(":");
			assertThat(fleet.redis().command("HLEN " + this.one.store().keys().overrides())).isEqualTo(":2\n");
		});
	}

	private static RolloutOverride override() {
		return new RolloutOverride(new PolicyTarget("chat", "policy", null, null),
				Rollout.of(PolicyMode.OBSERVE, null, null), "ops", Instant.now(), null);
	}

	private boolean isAnswered(FleetCommand command) {
		FleetOutcome outcome = this.two.commands().send(command).block();
		return outcome != null && outcome.reach().isComplete();
	}

}
