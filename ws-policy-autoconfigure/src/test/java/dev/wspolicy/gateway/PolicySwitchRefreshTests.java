package dev.wspolicy.gateway;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.UnknownPolicyException;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for policies that have been switched when the configuration changes.
 */
@ExtendWith(OutputCaptureExtension.class)
class PolicySwitchRefreshTests {

	private static final String PIPELINE = "ws-policy.pipelines.chat.";

	private static final PolicyTarget TARGET = new PolicyTarget("chat", "shouting", null, null);

	@AutoClose
	private final RawUpstream upstream = RawUpstream.start();

	@AutoClose
	private TestGateway gateway;

	@BeforeEach
	void start() {
		this.gateway = TestGateway.with(Policies.class)
			.set(PIPELINE + "inbound[0]", "shouting")
			.set(PIPELINE + "inbound[1]", "asking")
			.route("chat", this.upstream.uri(), "WsPolicy=chat")
			.start();
	}

	private PolicySwitch policies() {
		return this.gateway.bean(PolicySwitch.class);
	}

	private RawSession open() {
		return RawSession.open(this.gateway.client().path("/chat"), this.upstream);
	}

	private static void assertPasses(RawSession session, String text, String expected) {
		// The event loop switches the session before it comes to what arrives after this.
		session.roundTrip();
		session.client().send(WireFrame.text(text).masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(expected);
	}

	private void set(PolicyMode mode) {
		policies().set(new RolloutOverride(TARGET, Rollout.of(mode, null, null), "ops", Instant.now(), null));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void overrideIsKept(boolean applyToLive) {
		try (RawSession session = open()) {
			assertPasses(session, "a", "A?");
			set(PolicyMode.OBSERVE);
			assertPasses(session, "b", "b?");
			this.gateway.refresh(Map.of(PIPELINE + "apply-to-live", applyToLive, PIPELINE + "inbound[0]", "asking",
					PIPELINE + "inbound[1]", "shouting", PIPELINE + "inbound[2]", "asking"));
			assertPasses(session, "c", applyToLive ? "c??" : "c?");
			try (RawSession later = open()) {
				assertPasses(later, "d", "d??");
			}
			policies().undo(TARGET);
			assertPasses(session, "e", applyToLive ? "E??" : "E?");
		}
	}

	@Test
	void configuredRolloutMayChangeMeanwhile() {
		try (RawSession session = open()) {
			set(PolicyMode.ENFORCE);
			this.gateway.refresh(Map.of(PIPELINE + "apply-to-live", true, PIPELINE + "inbound[0].shouting.mode", "off",
					PIPELINE + "inbound[1]", "asking"));
			assertPasses(session, "a", "A?");
			policies().undo(TARGET);
			assertPasses(session, "b", "b?");
			set(PolicyMode.ENFORCE);
			assertPasses(session, "c", "C?");
		}
	}

	@Test
	void overrideOfPolicyThatIsGoneIsDropped(CapturedOutput output) {
		try (RawSession session = open()) {
			set(PolicyMode.OFF);
			assertPasses(session, "a", "a?");
			this.gateway.refresh(Map.of(PIPELINE + "apply-to-live", true, PIPELINE + "inbound[0]", "asking"));
			assertThat(policies().overrides()).isEmpty();
			assertThat(output).contains("The override of the policy 'shouting' of the pipeline 'chat' (OFF by 'ops')"
					+ " has been dropped, because its pipeline has changed.");
			assertPasses(session, "b", "b?");
		}
	}

	@Test
	void policyThatIsGoneStaysSwitchedOffForTheSessionsThatKeepIt(CapturedOutput output) {
		Map<String, Object> without = Map.of(PIPELINE + "inbound[0]", "asking");
		try (RawSession session = open()) {
			set(PolicyMode.OFF);
			assertPasses(session, "a", "a?");
			this.gateway.refresh(without);
			assertPasses(session, "b", "b?");
			assertThat(output).contains("only concerns live sessions that still have the policy from now on");
			try (RawSession later = open()) {
				assertPasses(later, "c", "c?");
			}
			assertThat(policies().undo(TARGET)).isOne();
			assertPasses(session, "d", "D?");
		}
	}

	@Test
	void overrideIsDroppedWhenTheLastSessionThatKeepsThePolicyHasEnded() {
		try (RawSession session = open()) {
			set(PolicyMode.OFF);
			assertPasses(session, "a", "a?");
			this.gateway.refresh(Map.of(PIPELINE + "inbound[0]", "asking"));
			assertThat(policies().overrides()).hasSize(1);
		}
		this.gateway.awaitNoSessions();
		this.gateway.refresh(Map.of(PIPELINE + "inbound[0]", "asking", PIPELINE + "inbound[1]", "asking"));
		assertThat(policies().overrides()).isEmpty();
	}

	@Test
	void policyThatIsGoneCanBeSwitchedForTheSessionsThatKeepIt() {
		try (RawSession session = open()) {
			assertPasses(session, "a", "A?");
			this.gateway.refresh(Map.of(PIPELINE + "inbound[0]", "asking"));
			assertPasses(session, "b", "B?");
			set(PolicyMode.OBSERVE);
			assertPasses(session, "c", "c?");
			policies().undo(TARGET);
			assertPasses(session, "d", "D?");
		}
		this.gateway.awaitNoSessions();
		assertThatExceptionOfType(UnknownPolicyException.class).isThrownBy(() -> set(PolicyMode.OFF))
			.withMessageContaining("no policy 'shouting'");
	}

	@Test
	void rejectedRefreshChangesNothing() {
		try (RawSession session = open()) {
			set(PolicyMode.OFF);
			this.gateway.refresh(Map.of(PIPELINE + "apply-to-live", true, PIPELINE + "inbound[0]", "none"));
			assertThat(policies().overrides()).hasSize(1);
			assertPasses(session, "a", "a?");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		TextPolicy shouting() {
			return (text, context) -> Verdict.replaceText(text.toUpperCase(Locale.ROOT));
		}

		@Bean
		TextPolicy asking() {
			return (text, context) -> Verdict.replaceText(text + "?");
		}

	}

}
