package dev.wspolicy.gateway;

import java.time.Instant;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;

import dev.wspolicy.builtin.security.Jwts;
import dev.wspolicy.fleet.LocalSessionPlaces;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the limit on the sessions of a principal that is known only after the
 * upgrade, on real sockets.
 */
class SessionLimitPrincipalTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		// Much more than a test needs for an answer, however busy the machine is
		.pipeline("session.close-timeout", "1m")
		.pipeline("refusing", "inbound[0].first-message-auth.deadline", "1m")
		.pipeline("newest", "inbound[0].first-message-auth.deadline", "1m")
		.pipeline("refusing", "inbound[0].first-message-auth.pointer", "/token")
		.pipeline("refusing", "inbound[0].first-message-auth.reply", "welcome")
		.pipeline("refusing", "upgrade[0].session-limit.max", 1)
		.pipeline("refusing", "upgrade[0].session-limit.scope", "principal")
		.pipeline("newest", "inbound[0].first-message-auth.pointer", "/token")
		.pipeline("newest", "inbound[0].first-message-auth.reply", "welcome")
		.pipeline("newest", "upgrade[0].session-limit.max", 1)
		.pipeline("newest", "upgrade[0].session-limit.scope", "principal")
		.pipeline("newest", "upgrade[0].session-limit.on-exceed", "close-oldest")
		.pipeline("newest", "upgrade[0].session-limit.code", 4410)
		.pipeline("newest", "upgrade[0].session-limit.reason", "elsewhere")
		.routesByName("refusing", "newest");

	@AfterEach
	void allPlacesAreFreeAgain() {
		gateway.closeSessions();
		await().untilAsserted(() -> assertThat(gateway.bean(LocalSessionPlaces.class).size()).isZero());
	}

	@Test
	void secondSessionOfAPrincipalIsClosed() {
		RawSession first = open("refusing");
		authenticate(first, "ada");
		// The place of the address is free again.
		RawSession second = open("refusing");
		sendToken(second, "ada");
		assertThat(firstClose(second)).isEqualTo(WireFrame.close(4429, "too many sessions"));
		assertThat(second.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		second.close();
		await().until(() -> gateway.sessions().size() == 1);
		RawSession third = open("refusing");
		authenticate(third, "bob");
	}

	@Test
	void placeOfThePrincipalIsGivenBackWithTheSession() {
		for (int i = 0; i < 3; i++) {
			RawSession session = open("refusing");
			authenticate(session, "ada");
			session.client().reset();
			gateway.closeSessions();
		}
	}

	@Test
	void newestSessionOfAPrincipalClosesTheOldest() {
		RawSession first = open("newest");
		authenticate(first, "ada");
		RawSession second = open("newest");
		authenticate(second, "ada");
		assertThat(first.client().receiveFrame()).isEqualTo(WireFrame.close(4410, "elsewhere"));
		assertThat(first.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		second.client().send(WireFrame.text("hello").masked());
		assertThat(second.upstream().receiveFrame().payloadAsText()).isEqualTo("hello");
	}

	/** The reply to the credentials may be sent before the session is closed. */
	private static WireFrame firstClose(RawSession session) {
		WireFrame frame = session.client().receiveFrame();
		return frame.equals(WireFrame.text("welcome")) ? session.client().receiveFrame() : frame;
	}

	private static RawSession open(String route) {
		return gateway.open(gateway.client().path("/" + route));
	}

	private static void authenticate(RawSession session, String name) {
		sendToken(session, name);
		assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("welcome");
	}

	private static void sendToken(RawSession session, String name) {
		String token = Jwts.of(name, Instant.now().plusSeconds(600));
		session.client().send(WireFrame.text("{\"token\":\"" + token + "\"}").masked());
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		ReactiveJwtDecoder jwtDecoder() {
			return Jwts.decoder();
		}

	}

}
