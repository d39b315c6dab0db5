package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.data.redis.connection.stream.MapRecord;
import org.springframework.data.redis.connection.stream.RecordId;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.RolloutOverrides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that the gateways of a fleet agree on overrides, whenever these arrive.
 */
class RedisOverridesTests {

	@RegisterExtension
	static final RedisFleetExtension fleet = new RedisFleetExtension();

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final Instant NOW = Instant.parse("2026-03-01T09:15:00Z");

	private static final RolloutOverride OBSERVED = override(null, PolicyMode.OBSERVE, NOW);

	private static final RolloutOverride OFF = override(null, PolicyMode.OFF, NOW.plusSeconds(1));

	private final TestSwitch policies = new TestSwitch();

	private RedisMember gateway;

	private RedisOverrides overrides;

	@BeforeEach
	void start() {
		this.gateway = fleet.join("gateway");
		this.gateway.member().policies(this.policies);
		this.overrides = new RedisOverrides(this.gateway.store(), () -> this.policies, RedisMember.LEASE);
	}

	private static RolloutOverride override(@Nullable String route, PolicyMode mode, Instant since) {
		return new RolloutOverride(new PolicyTarget("chat", "policy", null, route), Rollout.of(mode, null, null), "ops",
				since, null);
	}

	private void remember(FleetCommand command) {
		this.overrides.remember(command).block(TIMEOUT);
	}

	@Test
	void commandsOfTwoGatewaysAtATimeEndInTheSameOverride() {
		TestSwitch others = new TestSwitch();
		RedisMember other = fleet.join("other");
		other.member().policies(others);
		fleet.awaitGateways(2);
		// The other gateway is quicker, but this one has already begun.
		this.policies.afterSet = () -> other.commands().send(new FleetCommand.SwitchPolicy(OFF)).block(TIMEOUT);
		this.gateway.commands().send(new FleetCommand.SwitchPolicy(OBSERVED)).block(TIMEOUT);
		assertThat(others.overrides()).containsExactly(OBSERVED);
		await().untilAsserted(() -> assertThat(this.policies.overrides()).containsExactly(OBSERVED));
	}

	@Test
	void undoingIsExecutedHoweverLateItIsRead() {
		this.policies.set(OBSERVED);
		Map<String, String> undo = Map.of("id", "1", "from", "other", "do",
				FleetCodec.write(new FleetCommand.UndoSwitch(OBSERVED.target())));
		long sentAt = System.currentTimeMillis() - RedisFleetCommands.MAX_AGE.multipliedBy(3).toMillis();
		this.gateway.store()
			.redis()
			.opsForStream()
			.add(MapRecord.create(this.gateway.store().keys().commands(), undo).withId(RecordId.of(sentAt, 0)))
			.block(TIMEOUT);
		await().untilAsserted(() -> assertThat(this.policies.overrides()).isEmpty());
	}

	@Test
	void whatIsUndoneWhileItIsLoadedDoesNotStay() {
		remember(new FleetCommand.SwitchPolicy(OBSERVED));
		this.policies.beforeSet = () -> remember(new FleetCommand.UndoSwitch(OBSERVED.target()));
		this.overrides.load().block(TIMEOUT);
		assertThat(this.policies.overrides()).isEmpty();
	}

	@Test
	void narrowerOverridesStayWhenOneIsUndoneWhileItIsLoaded() {
		RolloutOverride narrower = override("route", PolicyMode.ENFORCE, NOW);
		remember(new FleetCommand.SwitchPolicy(OBSERVED));
		this.policies.afterSet = () -> {
			remember(new FleetCommand.UndoSwitch(OBSERVED.target()));
			this.policies.set(narrower);
		};
		this.overrides.load().block(TIMEOUT);
		assertThat(this.policies.overrides()).containsExactly(narrower);
	}

	@Test
	void gatewaysWriteAndReadAgainWhatRedisHasLost() {
		remember(new FleetCommand.SwitchPolicy(OBSERVED));
		this.overrides.load().block(TIMEOUT);
		this.overrides.renew().block(TIMEOUT);
		lose();
		TestSwitch others = new TestSwitch();
		RedisOverrides late = new RedisOverrides(this.gateway.store(), () -> others, RedisMember.LEASE);
		late.load().block(TIMEOUT);
		await().untilAsserted(() -> {
			this.overrides.renew().block(TIMEOUT);
			late.renew().block(TIMEOUT);
			late.retry();
			assertThat(others.overrides()).containsExactly(OBSERVED);
		});
	}

	/** As when Redis is restarted empty soon after the command. */
	@Test
	void whatIsReadAfterRedisHasLostItIsNotTakenForAll() {
		remember(new FleetCommand.SwitchPolicy(OBSERVED));
		lose();
		this.overrides.load().block(TIMEOUT);
		this.overrides.renew().block(TIMEOUT);
		this.overrides.load().block(TIMEOUT);
		this.overrides.renew().block(TIMEOUT);
		this.overrides.load().block(TIMEOUT);
		assertThat(this.policies.overrides()).containsExactly(OBSERVED);
	}

	@Test
	void whatIsUndoneAfterRedisHasLostItIsNotWrittenAgain() {
		RolloutOverride other = new RolloutOverride(new PolicyTarget("chat", "other", null, null),
				Rollout.of(PolicyMode.OFF, null, null), "ops", NOW, null);
		remember(new FleetCommand.SwitchPolicy(OBSERVED));
		remember(new FleetCommand.SwitchPolicy(other));
		this.overrides.load().block(TIMEOUT);
		this.overrides.renew().block(TIMEOUT);
		lose();
		this.overrides.renew().block(TIMEOUT);
		remember(new FleetCommand.UndoSwitch(OBSERVED.target()));
		TestSwitch others = new TestSwitch();
		RedisOverrides late = new RedisOverrides(this.gateway.store(), () -> others, RedisMember.LEASE);
		await().untilAsserted(() -> {
			this.overrides.renew().block(TIMEOUT);
			late.load().block(TIMEOUT);
			assertThat(others.overrides()).containsExactly(other);
		});
	}

	/** The gateways of the fleet write it again, without being told to. */
	@Test
	void membersWriteAgainWhatRedisHasLost() {
		this.gateway.commands().send(new FleetCommand.SwitchPolicy(OBSERVED)).block(TIMEOUT);
		lose();
		await().untilAsserted(() -> {
			TestSwitch others = new TestSwitch();
			new RedisOverrides(this.gateway.store(), () -> others, RedisMember.LEASE).load().block(TIMEOUT);
			assertThat(others.overrides()).containsExactly(OBSERVED);
		});
	}

	private void lose() {
		assertThat(fleet.redis().command("DEL " + this.gateway.store().keys().overrides())).isEqualTo(":1\n");
	}

	@Test
	void whatIsReplacedWhileItIsLoadedIsNotSetAgain() {
		remember(new FleetCommand.SwitchPolicy(OBSERVED));
		this.policies.beforeSet = () -> {
			remember(new FleetCommand.SwitchPolicy(OFF));
			this.policies.set(OFF);
		};
		this.overrides.load().block(TIMEOUT);
		assertThat(this.policies.overrides()).containsExactly(OFF);
	}

	@Test
	void whatALaterOverrideCoversIsNotSet() {
		remember(new FleetCommand.SwitchPolicy(OFF));
		remember(new FleetCommand.SwitchPolicy(override("route", PolicyMode.ENFORCE, NOW)));
		this.policies.set(OFF);
		this.overrides.load().block(TIMEOUT);
		assertThat(this.policies.overrides()).containsExactly(OFF);
	}

	@Test
	void whatCannotBeReadIsLeftOut() {
		String key = this.gateway.store().keys().overrides();
		for (String value : List.of("{", "null", "[]", "{\"pipeline\":\"chat\"}", "{\"mode\":\"OFF\"}")) {
			this.gateway.store().redis().opsForHash().put(key, value, value).block(TIMEOUT);
		}
		remember(new FleetCommand.SwitchPolicy(OBSERVED));
		this.overrides.load().block(TIMEOUT);
		assertThat(this.policies.overrides()).containsExactly(OBSERVED);
	}

	/** Knows each policy, and does something once when an override is set. */
	private static final class TestSwitch implements PolicySwitch {

		private @Nullable Runnable beforeSet;

		private @Nullable Runnable afterSet;

		private volatile RolloutOverrides overrides = RolloutOverrides.NONE;

		@Override
		public void check(RolloutOverride override) {
		}

		@Override
		public long set(RolloutOverride override) {
			Runnable before = this.beforeSet;
			this.beforeSet = null;
			if (before != null) {
				before.run();
			}
			this.overrides = this.overrides.with(override);
			Runnable after = this.afterSet;
			this.afterSet = null;
			if (after != null) {
				after.run();
			}
			return 0;
		}

		@Override
		public long undo(PolicyTarget target) {
			this.overrides = this.overrides.without((override) -> target.covers(override.target()));
			return 0;
		}

		@Override
		public List<RolloutOverride> overrides() {
			return this.overrides.all();
		}

	}

}
