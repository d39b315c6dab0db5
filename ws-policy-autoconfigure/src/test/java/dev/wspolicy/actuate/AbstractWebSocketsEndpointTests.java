package dev.wspolicy.actuate;

import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;

/**
 * A gateway with the endpoint for sessions, for tests over HTTP that share it.
 */
abstract class AbstractWebSocketsEndpointTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(HeaderAuthentication.class, Policies.class)
		.complete()
		// Nothing waits for it
		.pipeline("session.close-timeout", "1m")
		.pipeline("judged", "inbound[0]", "masking")
		.pipeline("judged", "inbound[1]", "waiting")
		.pipeline("judged", "outbound[0]", "masking")
		.pipeline("judged", "session.heartbeat.interval", "1h")
		.pipeline("beating", "session.heartbeat.interval", "100ms")
		.pipeline("beating", "session.heartbeat.timeout", "1h")
		.set("management.endpoints.web.exposure.include", "websockets,health")
		.set("management.endpoint.websockets.access", "unrestricted")
		.set("management.endpoint.health.show-details", "always")
		.routes("chat", "feed")
		.routesByName("judged", "beating")
		.shared();

	static WebTestClient http;

	@BeforeAll
	static void start() {
		http = gateway.http("/actuator");
	}

	static RawSession open(String path, @Nullable String user) {
		RawClient client = gateway.client().path(path);
		return gateway.register((user != null) ? client.header("X-User", user) : client);
	}

	static String id(String route) {
		return gateway.session(route).id();
	}

	static ProxiedSession only() {
		return gateway.onlySession();
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		FramePolicy masking() {
			return (frame, context) -> ((TextFrame) frame).text().equals("secret") ? Verdict.replaceText("******")
					: Verdict.forward();
		}

		@Bean
		FramePolicy waiting() {
			return (frame, context) -> ((TextFrame) frame).text().startsWith("wait")
					? Verdict.later(new CompletableFuture<>()) : Verdict.forward();
		}

	}

}
