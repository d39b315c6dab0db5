package dev.wspolicy.gateway;

import java.time.Instant;
import java.util.Locale;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

import dev.wspolicy.builtin.security.CredentialsCheck;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for policies that are switched at awkward moments.
 */
class PolicySwitchMomentTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.pipeline("session.verdict-timeout", "2m")
		.pipeline("chat", "inbound[0]", "shouting")
		.pipeline("chat", "outbound[0]", "shouting")
		.pipeline("hold", "inbound[0].first-message-auth.deadline", "1m")
		.pipeline("hold", "outbound[0].authenticated-only.early", "hold")
		.routesByName("chat", "hold");

	@AfterEach
	void undo() {
		PolicySwitch policies = gateway.bean(PolicySwitch.class);
		policies.overrides().stream().map(RolloutOverride::target).forEach(policies::undo);
	}

	private static long set(String pipeline, String policy, PolicyMode mode) {
		return gateway.bean(PolicySwitch.class)
			.set(new RolloutOverride(new PolicyTarget(pipeline, policy, null, null), Rollout.of(mode, null, null),
					"ops", Instant.now(), null));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whileTheUpstreamIsAboutToAnswer(boolean glued) {
		try (ClientHandshake client = gateway.client().path("/chat").start();
				UpstreamHandshake upstream = gateway.upstream().accept()) {
			set("chat", "shouting", PolicyMode.OFF);
			if (glued) {
				upstream.glue(WireFrame.text("early"));
			}
			RawPeer upstreamPeer = upstream.acceptWebSocket();
			RawPeer clientPeer = client.connected();
			if (!glued) {
				upstreamPeer.send(WireFrame.text("early"));
			}
			assertThat(clientPeer.receiveFrame().payloadAsText()).isEqualTo("early");
			clientPeer.send(WireFrame.text("a").masked());
			assertThat(upstreamPeer.receiveFrame().payloadAsText()).isEqualTo("a");
		}
		gateway.awaitNoSessions();
	}

	@Test
	void whileAMessageIsHalfReceived() {
		try (RawSession session = gateway.open("chat")) {
			session.client().send(WireFrame.text("a").fin(false).masked());
			session.roundTrip();
			set("chat", "shouting", PolicyMode.OFF);
			// Until the event loop has done that
			session.roundTrip();
			session.upstream().send(WireFrame.text("c"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("c");
			session.client().send(WireFrame.continuation("b").masked(), WireFrame.text("d").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("AB");
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("d");
		}
	}

	@Test
	void whileThePolicyHoldsMessages() {
		try (RawSession session = gateway.open("hold")) {
			session.upstream().send(WireFrame.text("one"), WireFrame.text("two"));
			await().until(() -> gateway.onlySession().counts(Direction.OUTBOUND).frames() > 0);
			// Messages that have come before end in the mode that they began in, in
			// order.
			assertThat(set("hold", "authenticated-only", PolicyMode.OFF)).isOne();
			session.roundTrip();
			session.upstream().send(WireFrame.text("three"));
			session.client().send(WireFrame.text("token").masked());
			assertThat(session.client().receiveFrames(3)).extracting(WireFrame::payloadAsText)
				.containsExactly("one", "two", "three");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		TextPolicy shouting() {
			return (text, context) -> Verdict.replaceText(text.toUpperCase(Locale.ROOT));
		}

		@Bean
		CredentialsCheck check() {
			return (credentials, session) -> Mono.just(() -> "ann");
		}

	}

}
