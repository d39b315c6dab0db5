package dev.wspolicy.gateway;

import java.net.URI;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@code UnmatchedRouteWarning}.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnmatchedRouteWarningTests {

	@Test
	void isLoggedWhenTheApplicationIsReady(CapturedOutput output) {
		try (TestGateway gateway = TestGateway.with(Beans.class)
			.route("chat", URI.create("ws://localhost:1"))
			.route("orders-eu", URI.create("ws://localhost:1"))
			.start()) {
			assertThat(gateway.sessions().size()).isZero();
			await().untilAsserted(() -> assertThat(output)
				.contains("The policy 'misspelt' is bound to the route 'chta', which does not exist yet."
						+ " Did you mean 'chat'? Known names: chat, orders-eu.")
				.contains("The policy 'misspeltUpgrade' is bound to the route 'cht'")
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
		@WsPolicy(routes = "cht")
		UpgradePolicy misspeltUpgrade() {
			return (upgrade) -> Mono.just(UpgradeVerdict.accept());
		}

		@Bean
		@WsPolicy
		FramePolicy everywhere() {
			return (frame, context) -> Verdict.forward();
		}

	}

}
