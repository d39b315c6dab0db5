package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the operations that change how far a policy is rolled out.
 */
class PolicySwitchEndpointTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(HeaderAuthentication.class, Policies.class)
		.complete()
		.pipeline("chat", "upgrade[0].allowed-origins.origins", "https://app.example.com")
		.pipeline("chat", "upgrade[0].allowed-origins.mode", "observe")
		.pipeline("chat", "inbound[0].rate-limit.frames", "3")
		.pipeline("chat", "inbound[0].rate-limit.per", "1h")
		.pipeline("chat", "inbound[0].rate-limit.on-exceed", "drop")
		.pipeline("chat", "inbound[1]", "shouting")
		.pipeline("chat", "inbound[2].text-pattern.patterns", "(?i)rude")
		.pipeline("chat", "inbound[2].text-pattern.mode", "off")
		.pipeline("chat", "outbound[0]", "shouting")
		.pipeline("slow", "inbound[0].rate-limit.frames", "100")
		.pipeline("slow", "inbound[0].rate-limit.per", "1s")
		.pipeline("slow", "inbound[0].rate-limit.on-exceed", "throttle")
		.set("management.endpoints.web.exposure.include", "websocketpipelines")
		.set("management.endpoint.websocketpipelines.access", "unrestricted")
		.routesByName("chat", "slow")
		.filteredRoute("other", "WsPolicy=chat");

	private WebTestClient http;

	private List<AuditEvent> audited;

	@BeforeEach
	void start() {
		this.http = gateway.http("/actuator/websocketpipelines").mutate().defaultHeader("X-User", "ops").build();
		this.audited = gateway.bean(Audited.class).events;
	}

	@AfterEach
	void undo() {
		PolicySwitch policies = gateway.bean(PolicySwitch.class);
		policies.overrides().stream().map(RolloutOverride::target).forEach(policies::undo);
		this.audited.clear();
	}

	@Test
	void liveSessionsFollowAtOnce() {
		try (RawSession session = gateway.open("chat")) {
			assertPasses(session, "a", "A");
			gateway.session("chat");
			switchTo("/chat/shouting", Map.of("mode", "observe", "for", "15m")).jsonPath("$.sessions")
				.isEqualTo(1)
				.jsonPath("$.pipeline")
				.isEqualTo("chat")
				.jsonPath("$.policy")
				.isEqualTo("shouting")
				.jsonPath("$.rollout.mode")
				.isEqualTo("OBSERVE")
				.jsonPath("$.until")
				.isNotEmpty();
			assertPasses(session, "b", "b");
			session.upstream().send(WireFrame.text("c"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("c");
			undo("/chat/shouting").jsonPath("$.sessions").isEqualTo(1).jsonPath("$.rollout").doesNotExist();
			assertPasses(session, "d", "D");
			// The rate limit has kept its tokens.
			session.client().send(WireFrame.text("dropped").masked());
			session.roundTrip();
		}
	}

	@Test
	void newSessionsFollow() {
		switchTo("/chat/shouting", Map.of("mode", "off")).jsonPath("$.sessions").isEqualTo(0);
		try (RawSession session = gateway.open("chat")) {
			assertPasses(session, "a", "a");
			session.upstream().send(WireFrame.text("b"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("b");
		}
	}

	@Test
	void policyThatIsOffIsSwitchedOn() {
		try (RawSession session = gateway.open("chat")) {
			assertPasses(session, "rude", "RUDE");
			switchTo("/chat/text-pattern", Map.of("mode", "enforce"));
			session.roundTrip();
			session.client().send(WireFrame.text("rude").masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1008);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
	}

	@Test
	void oneRouteAndOneDirection() {
		try (RawSession chat = gateway.open("chat"); RawSession other = gateway.open("other")) {
			switchTo("/chat/shouting", Map.of("mode", "off", "route", "other", "direction", "inbound"))
				.jsonPath("$.sessions")
				.isEqualTo(1);
			assertPasses(chat, "a", "A");
			assertPasses(other, "a", "a");
			other.upstream().send(WireFrame.text("b"));
			assertThat(other.client().receiveFrame().payloadAsText()).isEqualTo("B");
			switchTo("/chat/shouting", Map.of("mode", "observe"));
			assertPasses(chat, "c", "c");
			undo("/chat/shouting");
			// An override of less that came before has been undone, too.
			assertPasses(other, "c", "C");
		}
	}

	@Test
	void overrideIsShown() {
		try (RawSession session = gateway.open("chat")) {
			session.roundTrip();
			switchTo("/chat/shouting", Map.of("share", "25%", "rest", "off", "for", "1h", "direction", "inbound"));
			this.http.get()
				.uri("/chat")
				.exchange()
				.expectBody()
				.jsonPath("$.sessions")
				.isEqualTo(1)
				.jsonPath("$.inbound[1].rollout.share")
				.isEqualTo(25.0)
				.jsonPath("$.inbound[1].rollout.rest")
				.isEqualTo("OFF")
				.jsonPath("$.inbound[1].overridden.by")
				.isEqualTo("ops")
				.jsonPath("$.inbound[1].overridden.since")
				.isNotEmpty()
				.jsonPath("$.inbound[1].overridden.until")
				.isNotEmpty()
				.jsonPath("$.inbound[1].overridden.list")
				.isEqualTo("INBOUND")
				.jsonPath("$.inbound[1].overridden.configured.mode")
				.isEqualTo("ENFORCE")
				.jsonPath("$.inbound[1].overridden.configured.share")
				.isEqualTo(100.0)
				.jsonPath("$.outbound[0].overridden")
				.doesNotExist();
		}
	}

	@Test
	void upgradePolicyIsSwitched() {
		switchTo("/chat/allowed-origins", Map.of("mode", "enforce", "direction", "upgrade"));
		try (var handshake = gateway.client().path("/chat").header("Origin", "https://evil.example").start()) {
			assertThat(handshake.response().status()).isEqualTo(403);
		}
		this.http.get()
			.uri("/chat")
			.exchange()
			.expectBody()
			.jsonPath("$.upgrade[?(@.name == 'allowed-origins')].overridden.configured.mode")
			.isEqualTo("OBSERVE");
		undo("/chat/allowed-origins");
		try (RawSession session = RawSession
			.open(gateway.client().path("/chat").header("Origin", "https://evil.example"), gateway.upstream())) {
			session.roundTrip();
		}
	}

	@Test
	void annotatedPolicyIsSwitched() {
		try (RawSession session = gateway.open("slow")) {
			assertPasses(session, "hush", "****");
			switchTo("/slow/annotated", Map.of("mode", "off"));
			assertPasses(session, "hush", "hush");
		}
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '\'', delimiter = '|',
			textBlock = """
					/none/shouting   | {'mode':'off'}                           | 404 | (expected: chat, default, slow)
					/chat/none       | {'mode':'off'}                           | 404 | policy: no policy 'none' in the pipeline 'chat' (expected: allowed-origins, annotated, rate-limit, revoked-authentication, shouting, text-pattern)
					/chat/shouting   | {'mode':'off','route':'none'}            | 404 | route: the pipeline 'chat' does not serve a route 'none' (expected: chat, other)
					/chat/shouting   | {'mode':'off','route':'slow'}            | 404 | route: the pipeline 'chat' does not serve a route 'slow' (expected: chat, other)
					/chat/shouting   | {'mode':'off','route':'none','fleet':true} | 404 | (expected: chat, other)
					/slow/none       | {'mode':'off','direction':'outbound'}    | 404 | policy: no policy 'none' in the list OUTBOUND of the pipeline 'slow', which has no policies
					/chat/text-pattern | {'mode':'off','direction':'outbound'}  | 404 | in the list OUTBOUND of the pipeline
					/chat/shouting   | {'for':'15m'}                            | 400 | mode and share: neither is set
					/chat/shouting   | {'mode':'on'}                            | 400 | mode: on (expected: enforce, observe, off)
					/chat/shouting   | {'share':'200%'}                         | 400 | share: 200% (expected: 0% to 100%)
					/chat/shouting   | {'mode':'off','share':'5%'}              | 400 | share: 5% (expected: with a mode other than OFF)
					/chat/shouting   | {'share':'5%','rest':'enforce'}          | 400 | rest: ENFORCE (expected: less than the mode
					/chat/shouting   | {'mode':'off','for':'soon'}              | 400 | for: soon (expected: a duration such as 15m)
					/chat/shouting   | {'mode':'off','for':'0s'}                | 400 | for: 0s (expected: more than zero
					/chat/shouting   | {'mode':'off','direction':'up'}          | 400 | direction: up (expected: upgrade, inbound, outbound)
					/chat/shouting   | {'mode':'off','forDuration':'5m'}        | 400 | forDuration: unknown (expected: mode, share, rest, for, route, direction, fleet)
					/slow/rate-limit | {'mode':'observe'}                       | 400 | mode: the policy 'rate-limit' cannot be observed
					""")
	void mistakes(String path, String body, int status, String message) {
		this.http.post()
			.uri(path)
			.contentType(MediaType.APPLICATION_JSON)
			.bodyValue(body.replace('\'', '"'))
			.exchange()
			.expectStatus()
			.isEqualTo(status)
			.expectBody(String.class)
			.value((text) -> assertThat(text).contains(message));
		assertThat(this.audited).isEmpty();
		assertThat(gateway.bean(PolicySwitch.class).overrides()).isEmpty();
	}

	@Test
	void nothingToUndo() {
		this.http.delete()
			.uri("/chat/shouting")
			.exchange()
			.expectStatus()
			.isNotFound()
			.expectBody()
			.jsonPath("$.message")
			.isEqualTo("policy: no override of the policy 'shouting' of the pipeline 'chat',"
					+ " because no policy is overridden");
		assertThat(this.audited).isEmpty();
	}

	@Test
	void whatCanBeUndoneIsNamed() {
		switchTo("/chat/shouting", Map.of("mode", "off", "route", "other"));
		this.http.delete()
			.uri("/chat/shouting?route=chat")
			.exchange()
			.expectStatus()
			.isNotFound()
			.expectBody()
			.jsonPath("$.message")
			.isEqualTo("policy: no override of the policy 'shouting' of the pipeline 'chat', route 'chat'"
					+ " (expected: policy 'shouting' of the pipeline 'chat', route 'other')");
	}

	@Test
	void operationsAreAudited() {
		switchTo("/chat/shouting", Map.of("share", "5%", "for", "15m", "route", "chat"));
		undo("/chat/shouting");
		assertThat(this.audited).extracting(AuditEvent::getPrincipal).containsOnly("ops");
		assertThat(this.audited).extracting(AuditEvent::getType)
			.containsExactly("WEBSOCKET_POLICY_SWITCHED", "WEBSOCKET_POLICY_SWITCH_UNDONE");
		assertThat(this.audited.get(0).getData())
			.isEqualTo(Map.of("pipeline", "chat", "policy", "shouting", "route", "chat", "mode", PolicyMode.ENFORCE,
					"share", 5.0, "rest", PolicyMode.OBSERVE, "for", Duration.ofMinutes(15), "sessions", 0L));
		assertThat(this.audited.get(1).getData())
			.isEqualTo(Map.of("pipeline", "chat", "policy", "shouting", "sessions", 0L));
	}

	@Test
	void fleetOfThisGatewayAlone() {
		switchTo("/chat/shouting", Map.of("mode", "off", "fleet", true)).jsonPath("$.fleet.answered").isEqualTo(1);
		undo("/chat/shouting?fleet=true").jsonPath("$.fleet.answered").isEqualTo(1);
		this.http.delete().uri("/chat/shouting?fleet=true").exchange().expectStatus().isNotFound();
		assertThat(this.audited).hasSize(2)
			.allSatisfy((event) -> assertThat(event.getData()).containsEntry("fleet", true));
	}

	private WebTestClient.BodyContentSpec switchTo(String path, Map<String, Object> body) {
		return this.http.post()
			.uri(path)
			.contentType(MediaType.APPLICATION_JSON)
			.bodyValue(body)
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody();
	}

	private WebTestClient.BodyContentSpec undo(String path) {
		return this.http.delete().uri(path).exchange().expectStatus().isOk().expectBody();
	}

	private static void assertPasses(RawSession session, String text, String expected) {
		// The event loop switches the session before it comes to what arrives after this.
		session.roundTrip();
		session.client().send(WireFrame.text(text).masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(expected);
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		TextPolicy shouting() {
			return (text, context) -> Verdict.replaceText(text.toUpperCase(Locale.ROOT));
		}

		@Bean
		@WsPolicy(direction = Direction.INBOUND, routes = "slow")
		TextPolicy annotated() {
			return (text, context) -> Verdict.replaceText("*".repeat(text.length()));
		}

		@Bean
		Audited audited() {
			return new Audited();
		}

	}

	static class Audited {

		private final List<AuditEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void on(AuditApplicationEvent event) {
			this.events.add(event.getAuditEvent());
		}

	}

}
