package dev.wspolicy.actuate;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;

import static org.awaitility.Awaitility.await;

/**
 * A gateway with the tap endpoint, for tests over HTTP that share it.
 */
abstract class AbstractTapEndpointTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(HeaderAuthentication.class, Application.class)
		.complete()
		// Nothing waits for it
		.pipeline("session.close-timeout", "1m")
		.pipeline("judged", "inbound[0]", "wording")
		.pipeline("observed", "inbound[0].wording.mode", "observe")
		.pipeline("remasked", "masking", "remask")
		.set("management.endpoints.web.exposure.include", "websockettap")
		.set("management.endpoint.websockettap.access", "read-only")
		.set("management.endpoint.websockettap.show-values", "always")
		.set("management.endpoint.websockettap.max-rate", "20000")
		.routes("chat")
		.routesByName("judged", "observed", "remasked")
		.shared();

	static WebTestClient http;

	@BeforeAll
	static void start() {
		http = gateway.http("/actuator");
	}

	/** A tap has given back its place by the time that its end is audited. */
	@AfterEach
	void noTaps() {
		gateway.closeSessions();
		await().until(() -> gateway.bean(FrameTaps.class).running() == 0);
		await().until(() -> audited(WebSocketTapEndpoint.ENDED) == audited(WebSocketTapEndpoint.STARTED));
		audited().clear();
	}

	private static long audited(String type) {
		return audited().stream().filter((event) -> event.getType().equals(type)).count();
	}

	/** Return the audit event of the tap with this duration. */
	static AuditEvent audit(String type, String duration) {
		return await()
			.until(() -> audited().stream()
				.filter((event) -> event.getType().equals(type) && duration.equals(event.getData().get("duration")))
				.findFirst(), Optional::isPresent)
			.orElseThrow();
	}

	static Queue<AuditEvent> audited() {
		return gateway.bean(Application.class).audited;
	}

	/** Request a tap, and wait until it is attached to all open sessions. */
	static TapWatcher watch(String query) {
		return TapWatcher.watch(gateway.gateway(), query, null);
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
	static class Application {

		final Queue<AuditEvent> audited = new ConcurrentLinkedQueue<>();

		volatile boolean failing;

		/** What "later drop" comes to. */
		volatile CompletableFuture<Verdict> promised = new CompletableFuture<>();

		@EventListener
		void onAudit(AuditApplicationEvent event) {
			if (this.failing) {
				throw new IllegalStateException("the audit log is full");
			}
			this.audited.add(event.getAuditEvent());
		}

		@Bean
		MeterRegistry meters() {
			return new SimpleMeterRegistry();
		}

		@Bean
		FramePolicy wording() {
			return (frame, context) -> switch (new String(frame.toByteArray(), StandardCharsets.UTF_8)) {
				case "drop" -> Verdict.drop();
				case "replace" -> Verdict.replaceText("replaced");
				case "later" -> Verdict.later(Mono.delay(Duration.ofMillis(1)).thenReturn(Verdict.forward()));
				case "later drop" -> Verdict.later(this.promised);
				case "reply" -> Verdict.replyText("answer");
				case "close" -> Verdict.close(CloseStatus.of(4000, "enough"));
				default -> Verdict.forward();
			};
		}

	}

}
