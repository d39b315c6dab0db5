package dev.wspolicy.gateway;

import java.net.URI;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Policies that are bound to routes that are not there.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnmatchedRoutesTests {

	@Test
	void isToldWhenTheApplicationIsReady(CapturedOutput output) {
		try (TestGateway gateway = TestGateway.with(Beans.class)
			.route("chat", URI.create("ws://localhost:1"))
			.route("orders-eu", URI.create("ws://localhost:1"))
			.start()) {
			assertThat(gateway.sessions().size()).isZero();
			await().untilAsserted(() -> assertThat(output)
				.contains("The policy 'misspelt' is bound to the route 'chta', and there is none yet."
						+ " Did you mean 'chat'? Known names: chat, orders-eu.")
				.doesNotContain("The policy 'fits'")
				.doesNotContain("the route 'orders-*'"));
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		@WsPolicy(routes = { "orders-*", "chta" })
		FramePolicy misspelt() {
			return (frame, context) -> Verdict.forward();
		}

		@Bean
		@WsPolicy(routes = { "chat", "orders-*" })
		FramePolicy fits() {
			return (frame, context) -> Verdict.forward();
		}

		@Bean
		@WsPolicy
		FramePolicy everywhere() {
			return (frame, context) -> Verdict.forward();
		}

	}

}
