package dev.wspolicy.gateway;

import java.time.Instant;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.VerdictCounts.Kind;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for a stricter limit that is tried out next to the one that is enforced.
 */
class StricterLimitTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with()
		.pipeline("chat", "inbound[0].rate-limit.frames", "3")
		.pipeline("chat", "inbound[0].rate-limit.per", "1h")
		.pipeline("chat", "inbound[0].rate-limit.on-exceed", "drop")
		.pipeline("chat", "inbound[0].rate-limit.mode", "observe")
		.pipeline("chat", "inbound[1].rate-limit.frames", "5")
		.pipeline("chat", "inbound[1].rate-limit.per", "1h")
		.pipeline("chat", "inbound[1].rate-limit.on-exceed", "drop")
		.routesByName("chat");

	@AfterEach
	void undo() {
		PolicySwitch policies = gateway.bean(PolicySwitch.class);
		policies.overrides().stream().map(RolloutOverride::target).forEach(policies::undo);
	}

	@Test
	void countsAreKeptApart() {
		try (RawSession session = gateway.open("chat")) {
			for (int i = 0; i < 7; i++) {
				session.client().send(WireFrame.text("m" + i).masked());
			}
			assertThat(session.upstream().receiveFrames(5)).extracting(WireFrame::payloadAsText)
				.containsExactly("m0", "m1", "m2", "m3", "m4");
			session.roundTrip();
			ProxiedSession live = gateway.session("chat");
			// Messages that would be refused take no tokens, and are the only ones
			// recorded.
			assertThat(live.observedVerdicts()).singleElement()
				.satisfies((observed) -> assertThat(observed.counts().count(Kind.DROP)).isEqualTo(4));
			assertThat(live.verdicts(Direction.INBOUND)).singleElement()
				.satisfies((counts) -> assertThat(counts.count(Kind.DROP)).isEqualTo(2));
		}
	}

	@Test
	void switchKnowsBothByTheirName() {
		try (RawSession session = gateway.open("chat")) {
			session.roundTrip();
			gateway.bean(PolicySwitch.class)
				.set(new RolloutOverride(new PolicyTarget("chat", "rate-limit", null, null),
						Rollout.of(PolicyMode.OFF, null, null), "ops", Instant.now(), null));
			session.roundTrip();
			for (int i = 0; i < 7; i++) {
				session.client().send(WireFrame.text("m").masked());
			}
			assertThat(session.upstream().receiveFrames(7)).extracting(WireFrame::payloadAsText).containsOnly("m");
			assertThat(gateway.session("chat").observedVerdicts()).isEmpty();
		}
	}

}
