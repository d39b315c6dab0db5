package dev.wspolicy.observation;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import reactor.core.publisher.Mono;

import dev.wspolicy.builtin.security.Jwts;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionClosedEvent;
import dev.wspolicy.session.SessionEvent;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.UpgradeRefusedEvent;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that the name of the policy that ended a session, or refused an upgrade, is
 * reported.
 */
@ExtendWith(OutputCaptureExtension.class)
class PolicyNamesTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.complete()
		// Nothing waits for it
		.pipeline("session.close-timeout", "1m")
		.pipeline("origins", "upgrade[0].allowed-origins.origins", "https://app.example.com")
		.pipeline("failing", "upgrade[0]", "failingUpgrade")
		.pipeline("deadline", "inbound[0].first-message-auth.deadline", "100ms")
		.pipeline("expiry", "inbound[0].first-message-auth.prefix", "AUTH ")
		.pipeline("expiry", "inbound[1].token-expiry.reason", "too old")
		.pipeline("judged", "inbound[0]", "moody")
		.pipeline("alone", "inbound[0]", "impatient")
		.pipeline("limited", "inbound[0].rate-limit.name", "messages")
		.pipeline("limited", "inbound[0].rate-limit.frames", "3")
		.pipeline("limited", "inbound[0].rate-limit.per", "1h")
		.pipeline("limited", "inbound[1].rate-limit.name", "volume")
		.pipeline("limited", "inbound[1].rate-limit.bytes", "10B")
		.pipeline("limited", "inbound[1].rate-limit.per", "1h")
		.pipeline("throttled", "inbound[0].rate-limit.frames", "1")
		.pipeline("throttled", "inbound[0].rate-limit.per", "1h")
		.pipeline("throttled", "inbound[0].rate-limit.on-exceed", "throttle")
		.pipeline("throttled", "inbound[0].rate-limit.max-wait", "100ms")
		.set("ws-policy.publish-events", true)
		.set("management.endpoints.web.exposure.include", "websockets")
		.set("logging.level.dev.wspolicy.session", "info")
		.routesByName("origins", "failing", "deadline", "expiry", "judged", "alone", "limited", "throttled");

	@AfterEach
	void clear() {
		gateway.closeSessions();
		events().clear();
	}

	@ParameterizedTest
	@CsvSource({ "origins, 403, allowed-origins", "failing, 500, failingUpgrade" })
	void refusedUpgrade(String route, int status, String policy, CapturedOutput output) {
		RawClient client = gateway.client()
			.path("/" + route + "?token=t0ps3cret")
			.header("Origin", "https://evil.example");
		assertThat(client.exchange().status()).isEqualTo(status);
		await().untilAsserted(() -> assertThat(events()).singleElement()
			.isInstanceOfSatisfying(UpgradeRefusedEvent.class, (event) -> {
				assertThat(event.status().value()).isEqualTo(status);
				assertThat(event.policy()).isEqualTo(policy);
				assertThat(event.toString()).doesNotContain("t0ps3cret");
			}));
		await().untilAsserted(() -> assertThat(meters().get("wspolicy.upgrades")
			.tags("route", route, "status", Integer.toString(status), "policy", policy)
			.counter()
			.count()).isOne());
		await().untilAsserted(() -> assertThat(output).contains(
				"WebSocket upgrade refused: route=" + route + " principal=- status=" + status + " policy=" + policy));
		assertThat(output.toString().lines().filter((line) -> line.contains("WebSocket upgrade")))
			.noneMatch((line) -> line.contains("t0ps3cret"));
		shown(route, "$.refused[0].status", status);
		shown(route, "$.refused[0].policy", policy);
		shown(route, "$.refused[0].address", "127.0.0.1");
		shown("judged", "$.refused.length()", 0);
	}

	@Test
	void deadlineOfTheFirstMessage(CapturedOutput output) {
		RawSession session = gateway.open("deadline");
		assertThat(session.client().receiveFrame().closeCode()).isEqualTo(4401);
		endedBy(session, "deadline", Cause.POLICY, "first-message-auth", output);
	}

	@Test
	void expiryOfATokenInTheFirstMessage(CapturedOutput output) {
		RawSession session = gateway.open("expiry");
		session.client().send(WireFrame.text("AUTH " + Jwts.of("ada", Instant.now().plusSeconds(1))).masked());
		WireFrame close = session.client().receiveFrame();
		assertThat(close.closeReason()).isEqualTo("too old");
		endedBy(session, "expiry", Cause.POLICY, "token-expiry", output);
	}

	@ParameterizedTest
	@CsvSource({ "verdict, POLICY", "call, POLICY", "throw, POLICY_FAILURE" })
	void policyThatClosesTheSession(String message, Cause cause, CapturedOutput output) {
		RawSession session = gateway.open("judged");
		session.client().send(WireFrame.text(message).masked());
		session.client().receiveFrame();
		endedBy(session, "judged", cause, "moody", output);
	}

	@ParameterizedTest
	@CsvSource({ "impatient, POLICY, impatient", "no-such-policy, REQUESTED, ", "moody, REQUESTED, " })
	void namesAreAsConfigured(String claimed, Cause cause, @Nullable String policy, CapturedOutput output) {
		gateway.bean(Impatient.class).name = claimed;
		RawSession session = gateway.open("alone");
		assertThat(session.client().receiveFrame().closeCode()).isEqualTo(4002);
		endedBy(session, "alone", cause, policy, output);
	}

	@Test
	void operatorsAreNotReportedAsPolicies(CapturedOutput output) {
		RawSession session = gateway.open("judged");
		gateway.session("judged").close(CloseStatus.GOING_AWAY);
		session.client().receiveFrame();
		endedBy(session, "judged", Cause.REQUESTED, null, output);
	}

	@ParameterizedTest
	@CsvSource({ "4, x, messages", "1, more than ten, volume" })
	void twoLimitsAreCountedSeparately(int messages, String text, String policy, CapturedOutput output) {
		RawSession session = gateway.open("limited");
		for (int i = 0; i < messages; i++) {
			session.client().send(WireFrame.text(text).masked());
		}
		assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1008);
		shownOne(gateway.session("limited"), "$.verdicts[0].policy", "messages");
		shownOne(gateway.session("limited"), "$.verdicts[1].policy", "volume");
		endedBy(session, "limited", Cause.POLICY, policy, output);
		await().untilAsserted(() -> assertThat(meters().get("wspolicy.verdicts")
			.tags("route", "limited", "policy", policy, "verdict", "close")
			.functionCounter()
			.count()).isPositive());
	}

	@Test
	void throttlingIsCountedAndTimed() {
		RawSession session = gateway.open("throttled");
		session.client().send(WireFrame.text("1").masked(), WireFrame.text("2").masked(), WireFrame.text("3").masked());
		session.upstream().receiveFrames(3);
		shownOne(gateway.session("throttled"), "$.verdicts[0].waits", 2);
		FunctionTimer timer = meters().get("wspolicy.policy.wait")
			.tags("route", "throttled", "policy", "rate-limit", "direction", "inbound")
			.functionTimer();
		await().untilAsserted(() -> assertThat(timer.count()).isEqualTo(2));
		// The gateway begins to wait after the policy does, so it may wait for less than
		// twice 100 ms.
		assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isBetween(1.0, 60_000.0);
	}

	private void endedBy(RawSession session, String route, Cause cause, @Nullable String policy,
			CapturedOutput output) {
		session.close();
		gateway.awaitNoSessions();
		String name = (policy != null) ? policy : "none";
		assertThat(events()).filteredOn(SessionClosedEvent.class::isInstance)
			.singleElement()
			.isInstanceOfSatisfying(SessionClosedEvent.class, (event) -> {
				assertThat(event.termination().cause()).isEqualTo(cause);
				assertThat(event.termination().policy()).isEqualTo(policy);
			});
		String lowerCase = LowerCase.of(cause);
		assertThat(meters().get("wspolicy.sessions.closed")
			.tags("route", route, "cause", lowerCase, "policy", name)
			.counter()
			.count()).isPositive();
		assertThat(output.toString().lines())
			.anySatisfy((line) -> assertThat(line).contains("WebSocket session closed:", " route=" + route + " ",
					" cause=" + lowerCase + " ", " policy=" + ((policy != null) ? policy : "-")));
		shown(route, "$.ended[0].cause", lowerCase);
		if (policy != null) {
			shown(route, "$.ended[0].policy", policy);
		}
		shown("elsewhere", "$.ended.length()", 0);
	}

	private static void shown(String route, String path, Object value) {
		await().untilAsserted(() -> gateway.http("/actuator")
			.get()
			.uri("/websockets?recent=1&route=" + route)
			.exchange()
			.expectBody()
			.jsonPath(path)
			.isEqualTo(value));
	}

	private static void shownOne(ProxiedSession session, String path, Object value) {
		gateway.http("/actuator")
			.get()
			.uri("/websockets/" + session.id())
			.exchange()
			.expectBody()
			.jsonPath(path)
			.isEqualTo(value);
	}

	private static MeterRegistry meters() {
		return gateway.bean(MeterRegistry.class);
	}

	private static Queue<SessionEvent> events() {
		return gateway.bean(Beans.class).events;
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		final Queue<SessionEvent> events = new ConcurrentLinkedQueue<>();

		@EventListener
		void on(SessionEvent event) {
			this.events.add(event);
		}

		@Bean
		MeterRegistry meters() {
			return new SimpleMeterRegistry();
		}

		@Bean
		ReactiveJwtDecoder jwtDecoder() {
			return Jwts.decoder();
		}

		@Bean
		UpgradePolicy failingUpgrade() {
			return (upgrade) -> Mono.error(new IllegalStateException("no luck"));
		}

		@Bean
		FramePolicy moody() {
			return (frame, context) -> switch (new String(frame.toByteArray(), StandardCharsets.UTF_8)) {
				case "verdict" -> Verdict.close(CloseStatus.of(4000));
				case "call" -> {
					context.session().close(CloseStatus.of(4001));
					yield Verdict.forward();
				}
				default -> throw new IllegalStateException("moody");
			};
		}

		@Bean
		Impatient impatient() {
			return new Impatient();
		}

	}

	/** Closes its sessions as soon as it gets the name to use. */
	static class Impatient implements FramePolicy {

		private volatile String name = "";

		@Override
		public void onOpen(ProxiedSession session) {
			session.close(CloseStatus.of(4002), CloseStatus.GOING_AWAY, this.name);
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.forward();
		}

	}

}
