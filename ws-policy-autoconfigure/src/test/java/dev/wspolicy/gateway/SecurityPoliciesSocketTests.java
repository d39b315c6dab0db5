package dev.wspolicy.gateway;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;

import dev.wspolicy.builtin.security.Jwts;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.Revocations;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the security policies, on real sockets.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecurityPoliciesSocketTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		// Much more than a test needs for an answer, however busy the machine is
		.pipeline("session.close-timeout", "1m")
		.pipeline("session.verdict-timeout", "2m")
		.pipeline("first", "inbound[0].first-message-auth.pointer", "/token")
		.pipeline("first", "inbound[0].first-message-auth.reply", "welcome")
		.pipeline("first", "inbound[0].first-message-auth.deadline", "1m")
		.pipeline("first", "inbound[1].token-expiry.reason", "too old")
		.pipeline("first", "inbound[1].token-expiry.renew.pointer", "/fresh")
		.pipeline("first", "inbound[1].token-expiry.renew.reply", "renewed")
		.pipeline("first", "outbound[0].authenticated-only.early", "hold")
		.pipeline("deadline", "inbound[0].first-message-auth.deadline", "200ms")
		.pipeline("stomp", "inbound[0].first-message-auth.prefix", "AUTH ")
		.pipeline("stomp", "inbound[0].first-message-auth.deadline", "1m")
		.pipeline("stomp", "inbound[1].stomp-authorization.rules[0].commands", "SEND")
		.pipeline("stomp", "inbound[1].stomp-authorization.rules[0].destinations", "/app/**")
		.pipeline("stomp", "inbound[1].stomp-authorization.rules[0].authorities", "SCOPE_chat")
		.pipeline("graphql", "inbound[0].graphql-limit.max-subscriptions", "1")
		.pipeline("graphql", "inbound[0].graphql-limit.rules[0].operations", "subscription")
		.pipeline("graphql", "outbound[0]", "graphql-limit")
		.routesByName("first", "deadline", "stomp", "graphql");

	@Test
	void nothingPassesBeforeTheFirstMessage(CapturedOutput output) {
		String token = Jwts.of("ada", Instant.now().plusSeconds(600));
		try (RawSession session = open("first", null)) {
			session.upstream().send(WireFrame.text("early one"), WireFrame.text("early two"));
			await().until(() -> gateway.onlySession().counts(Direction.OUTBOUND).frames() > 0);
			session.client().send(WireFrame.text("{\"token\":\"" + token + "\"}").masked());
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("welcome");
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("early one");
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("early two");
			session.client().send(WireFrame.text("hello").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("hello");
			ProxiedSession opened = gateway.onlySession();
			assertThat(opened.principal()).isNotNull().extracting("name").isEqualTo("ada");
			session.upstream().reset();
			session.client().receiveFrame();
		}
		gateway.awaitNoSessions();
		assertThat(output).doesNotContain(token);
	}

	@Test
	void invalidTokenClosesTheSession(CapturedOutput output) {
		String forged = Jwts.of("ada", Instant.now().plusSeconds(600)) + "x";
		try (RawSession session = open("first", null)) {
			session.client().send(WireFrame.text("{\"token\":\"" + forged + "\"}").masked());
			WireFrame close = session.client().receiveFrame();
			assertThat(close.closeCode()).isEqualTo(4401);
			assertThat(close.closeReason()).isEqualTo("authentication required");
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
		gateway.awaitNoSessions();
		assertThat(output).doesNotContain(forged).doesNotContain("ERROR");
	}

	@Test
	void revokedTokensEndAndOpenNoSessions() {
		Instant expiry = Instant.now().plusSeconds(600);
		String token = "{\"token\":\"" + Jwts.of("eve", "t1", expiry) + "\"}";
		try (RawSession session = open("first", null); RawSession other = open("first", null)) {
			session.client().send(WireFrame.text(token).masked());
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("welcome");
			other.client().send(WireFrame.text("{\"token\":\"" + Jwts.of("eve", "t2", expiry) + "\"}").masked());
			assertThat(other.client().receiveFrame().payloadAsText()).isEqualTo("welcome");
			Revocations revocations = gateway.bean(Revocations.class);
			FleetOutcome outcome = revocations.revoke(Revocation.token("t1", expiry)).block();
			assertThat(outcome).isNotNull();
			assertThat(outcome.sessions()).isEqualTo(1);
			WireFrame close = session.client().receiveFrame();
			assertThat(close.closeCode()).isEqualTo(4401);
			assertThat(close.closeReason()).isEqualTo("token revoked");
			other.client().send(WireFrame.text("{\"fresh\":\"" + Jwts.of("eve", "t1", expiry) + "\"}").masked());
			assertThat(other.client().receiveFrame().closeReason()).isEqualTo("token not accepted");
		}
		try (RawSession later = open("first", null)) {
			later.client().send(WireFrame.text(token).masked());
			assertThat(later.client().receiveFrame().closeReason()).isEqualTo("authentication required");
			assertThat(later.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
	}

	@Test
	void deadline() {
		try (RawSession session = open("deadline", null)) {
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(4401);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
	}

	@Test
	void sessionEndsWithItsTokenUnlessRenewed() {
		Duration validity = Duration.ofSeconds(3);
		while (!endsWithItsFreshToken(validity)) {
			validity = validity.multipliedBy(2);
			assertThat(validity).isLessThan(Duration.ofMinutes(1));
		}
	}

	/** Returns false if the token has expired before all that it allows has been done. */
	private static boolean endsWithItsFreshToken(Duration validity) {
		try (RawSession session = open("first", null)) {
			String token = Jwts.of("ada", Instant.now().plusSeconds(300));
			session.client().send(WireFrame.text("{\"token\":\"" + token + "\"}").masked());
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("welcome");
			String fresh = Jwts.of("ada", Instant.now().plus(validity));
			session.client()
				.send(WireFrame.text("{\"fresh\":\"" + fresh + "\"}").masked(), WireFrame.text("hello").masked());
			WireFrame arrived = session.upstream().receiveFrame();
			if (arrived.opcode() == WireFrame.CLOSE) {
				return false;
			}
			assertThat(arrived.payloadAsText()).isEqualTo("hello");
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("renewed");
			WireFrame close = session.client().receiveFrame();
			assertThat(close.closeCode()).isEqualTo(4401);
			assertThat(close.closeReason()).isEqualTo("too old");
			return true;
		}
	}

	@Test
	void stompIsAuthorizedForThePrincipalOfTheFirstMessage() {
		String token = Jwts.of("ada", Instant.now().plusSeconds(600));
		try (RawSession session = open("stomp", "v12.stomp")) {
			session.client().send(WireFrame.text("AUTH " + token).masked());
			String send = "SEND\ndestination:/app/hello\n\nhi\u0000";
			session.client().send(WireFrame.text(send).masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(send);
			session.client()
				.send(WireFrame.text("SUBSCRIBE\nid:1\ndestination:/topic/x\nreceipt:7\n\n\u0000").masked());
			assertThat(session.client().receiveFrame().payloadAsText()).startsWith("ERROR\n")
				.contains("message:Access denied\n", "receipt-id:7\n")
				.endsWith("\u0000");
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1008);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
	}

	@Test
	void refusedGraphQlOperationsGetErrorMessages() {
		try (RawSession session = open("graphql", "graphql-transport-ws")) {
			session.client()
				.send(subscribe("1", "subscription { news }"), subscribe("2", "subscription { news }"),
						subscribe("3", "{ news }"));
			assertThat(session.upstream().receiveFrame().payloadAsText()).contains("\"id\":\"1\"");
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo(
					"{\"id\":\"2\",\"type\":\"error\",\"payload\":[{\"message\":\"Too many subscriptions at a time (allowed: 1)\"}]}");
			assertThat(session.client().receiveFrame().payloadAsText())
				.isEqualTo("{\"id\":\"3\",\"type\":\"error\",\"payload\":[{\"message\":\"Not allowed: query\"}]}");
			session.upstream().send(WireFrame.text("{\"id\":\"1\",\"type\":\"complete\"}"));
			assertThat(session.client().receiveFrame().payloadAsText()).contains("complete");
			session.client().send(subscribe("4", "subscription { news }"));
			assertThat(session.upstream().receiveFrame().payloadAsText()).contains("\"id\":\"4\"");
		}
	}

	@ParameterizedTest
	@CsvSource({ "inbound[0].first-message-auth.code, 1005, inbound[0].first-message-auth",
			"inbound[0].first-message-auth.credentials, password, no check for a password",
			"inbound[0].first-message-auth.pointer, token, inbound[0].first-message-auth",
			"inbound[0].token-expiry.token, cookie:x, inbound[0].token-expiry",
			"inbound[0].stomp-authorization.on-denied, drop, inbound[0].stomp-authorization",
			"inbound[0].stomp-authorization.rules[0].commands, CONNECT, inbound[0].stomp-authorization",
			"inbound[0].graphql-limit.max-depth, 0, inbound[0].graphql-limit",
			"upgrade[0].session-limit.max, 0, upgrade[0].session-limit.max",
			"inbound[0].rate-limit.max-wait, 10s, inbound[0].rate-limit.max-wait" })
	void invalidSettingsAreReported(String property, String value, String named, CapturedOutput output) {
		TestGateway.Builder builder = TestGateway.with(Beans.class).set("ws-policy.pipelines.x." + property, value);
		if (property.contains("rate-limit")) {
			builder.set("ws-policy.pipelines.x.inbound[0].rate-limit.frames", 1)
				.set("ws-policy.pipelines.x.inbound[0].rate-limit.on-exceed", "throttle");
		}
		assertThat(catchThrowable(() -> builder.start().close())).isNotNull();
		assertThat(output).contains("APPLICATION FAILED TO START").contains(named);
	}

	private static WireFrame subscribe(String id, String query) {
		return WireFrame
			.text("{\"id\":\"" + id + "\",\"type\":\"subscribe\",\"payload\":{\"query\":\"" + query + "\"}}")
			.masked();
	}

	private static RawSession open(String route, @Nullable String subprotocol) {
		if (subprotocol == null) {
			return gateway.open(route);
		}
		ClientHandshake handshake = gateway.client().path("/" + route).subprotocol(subprotocol).start();
		RawSession session = new RawSession(handshake.peer(),
				gateway.upstream().accept().subprotocol(subprotocol).acceptWebSocket());
		handshake.connected();
		return session;
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		ReactiveJwtDecoder jwtDecoder() {
			return Jwts.decoder();
		}

	}

}
