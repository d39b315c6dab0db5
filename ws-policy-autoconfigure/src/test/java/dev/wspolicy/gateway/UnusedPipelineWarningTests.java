package dev.wspolicy.gateway;

import java.net.URI;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@code UnusedPipelineWarning}.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnusedPipelineWarningTests {

	private static final URI UPSTREAM = URI.create("ws://localhost:1");

	@Test
	void isLoggedWhenTheApplicationIsReady(CapturedOutput output) {
		try (TestGateway gateway = TestGateway.with()
			.route("chat", UPSTREAM, "WsPolicy=chat-room")
			.set("ws-policy.pipelines.chat-room.enabled", "true")
			.set("ws-policy.pipelines.chatRoom.enabled", "true")
			.set("ws-policy.pipelines.chat-rom.enabled", "true")
			.start()) {
			assertThat(gateway.sessions().size()).isZero();
			await().untilAsserted(() -> assertThat(output)
				.contains("The pipeline 'chat-rom' is not used by any route yet. To use it, add the filter"
						+ " 'WsPolicy=chat-rom' to a route."));
			assertThat(output).doesNotContain("The pipeline 'chat-room'")
				.doesNotContain("The pipeline 'chatRoom'")
				.doesNotContain("The pipeline 'default'");
		}
	}

	@Test
	void defaultPipelineWhosePoliciesAreNotUsed(CapturedOutput output) {
		try (TestGateway gateway = TestGateway.with()
			.route("chat", UPSTREAM, "WsPolicy=chat")
			.set("ws-policy.pipelines.chat.enabled", "true")
			.set("ws-policy.pipelines.default.inbound", "deny-nul")
			.start()) {
			assertThat(gateway.sessions().size()).isZero();
			await().untilAsserted(() -> assertThat(output)
				.contains("The pipeline 'default' lists policies but is not used by any route yet")
				.doesNotContain("The pipeline 'chat'"));
		}
	}

}
