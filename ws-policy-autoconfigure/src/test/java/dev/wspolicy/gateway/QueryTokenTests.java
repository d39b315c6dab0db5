package dev.wspolicy.gateway;

import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.web.server.SecurityWebFilterChain;

import dev.wspolicy.builtin.security.Jwts;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link QueryToken} together with Spring Security.
 */
@ExtendWith(OutputCaptureExtension.class)
class QueryTokenTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Security.class)
		.set("ws-policy.query-token.enabled", "true")
		.set("ws-policy.query-token.paths", "/chat/**,/closed/**,/nowhere/**")
		.set("logging.level.root", "info")
		.set("logging.level.org.springframework.web", "debug")
		.set("logging.level.org.springframework.security", "debug")
		.set("logging.level.org.springframework.cloud.gateway", "debug")
		.set("logging.level.dev.wspolicy", "trace")
		.pipeline("session.close-timeout", "1s")
		.pipeline("closed", "upgrade[0].allowed-origins.origins", "https://app.example.com")
		.filteredRoute("chat", "RemoveRequestHeader=Authorization")
		.routes("other")
		.routesByName("closed")
		.routeTo("nowhere", "ws://localhost:" + RawUpstream.closedPort(), "RemoveRequestHeader=Authorization");

	@Test
	void springSecurityUsesTheTokenAndNothingElseSeesIt(CapturedOutput output) {
		String token = token();
		String id;
		ClientHandshake handshake = gateway.client().path("/chat/room?a=1&access_token=" + token + "&b=%20x").start();
		try (UpstreamHandshake server = gateway.upstream().accept()) {
			assertThat(server.target()).isEqualTo("/chat/room?a=1&b=%20x");
			assertThat(server.headers().first("Authorization")).isNull();
			try (RawSession session = new RawSession(handshake.peer(), server.acceptWebSocket())) {
				assertThat(session.client()).isNotNull();
				assertThat(handshake.connected()).isSameAs(session.client());
				ProxiedSession opened = gateway.onlySession();
				id = opened.id();
				assertThat(opened.principal()).isNotNull().extracting("name").isEqualTo("ada");
				UpgradeContext upgrade = opened.upgrade();
				assertThat(upgrade.uri().toString()).endsWith("/chat/room?a=1&b=%20x");
				assertThat(upgrade.queryParams()).containsOnlyKeys("a", "b");
				assertThat(upgrade.headers().getFirst("Authorization")).isEqualTo("Bearer " + token);
				assertThat(upgrade.attributes().toString()).doesNotContain("access_token");
			}
		}
		awaitLogOf("/chat/room?a=1&b=%20x", 101, output);
		Pattern closed = Pattern.compile("session closed: id=" + id + " .* principal=ada ");
		await().untilAsserted(() -> assertThat(output).containsPattern(closed));
		assertThat(output).doesNotContain(token).doesNotContain("access_token");
	}

	@ParameterizedTest
	@EnumSource
	void logOfAFailedSessionDoesNotContainTheToken(Side side, CapturedOutput output) {
		String token = token();
		ClientHandshake handshake = gateway.client().path("/chat/" + side + "?access_token=" + token).start();
		try (RawSession session = new RawSession(handshake.peer(), gateway.upstream().accept().acceptWebSocket())) {
			assertThat(handshake.response().status()).isEqualTo(101);
			session.peer(side).send(WireFrame.text("what nobody agreed upon").rsv(7).from(side));
			assertThat(session.peer(side).receiveFrame().closeCode()).isEqualTo(1002);
			session.peer(side.peer()).reset();
		}
		awaitLogOf("/chat/" + side, 101, output);
		await().untilAsserted(
				() -> assertThat(output).containsPattern("principal=ada .* cause=protocol_violation initiator="));
		assertThat(output).doesNotContain(token).doesNotContain("access_token");
	}

	@ParameterizedTest
	@EnumSource
	void logOfARefusedUpgradeDoesNotContainTheToken(Refusal refusal, CapturedOutput output) {
		ClientHandshake handshake = refusal.request(gateway.client()).start();
		if (refusal == Refusal.BY_UPSTREAM) {
			gateway.upstream().accept().refuse(404, "no such room");
		}
		assertThat(handshake.response().status()).isEqualTo(refusal.status);
		handshake.close();
		awaitLogOf(refusal.path(), refusal.status, output);
		assertThat(output).doesNotContain(refusal.token).doesNotContain("access_token");
	}

	/** Waits until everything about a request has been logged. */
	private static void awaitLogOf(String target, int status, CapturedOutput output) {
		Pattern request = Pattern.compile("(\\[[^ ]*\\]) HTTP GET \"" + Pattern.quote(target) + '"');
		String id = await().until(() -> request.matcher(output), Matcher::find).group(1);
		await().untilAsserted(() -> assertThat(output).contains(id + " Completed " + status));
	}

	@Test
	void noQuestionMarkRemainsWithoutParameters() {
		assertOpensWithoutQuery(gateway.client().path("/chat?access_token=" + token()));
	}

	@Test
	void headerOfTheClientTakesPrecedence() {
		assertOpensWithoutQuery(
				gateway.client().path("/chat?access_token=nonsense").header("Authorization", "Bearer " + token()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "?access_token=", "?access_token", "?access_token=a%0d%0aX-Evil:1",
			"?access_token=a,b", "?access_token=Bearer%20", "?access_token=Bearer%20Bearer%20TOKEN",
			"?access_token=BearerTOKEN", "?Access_Token=TOKEN", "?access_token=TOKEN&access_token=TOKEN" })
	void missingMalformedOrRepeatedTokenIsIgnored(String query) {
		assertThat(gateway.client().path("/chat" + query.replace("TOKEN", token())).exchange().status()).isEqualTo(401);
	}

	@Test
	void parameterNameMayBeEncoded() {
		assertOpensWithoutQuery(gateway.client().path("/chat?access%5Ftoken=" + token()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer%20", "bearer%20", "Bearer+", "Bearer%2B", "Bearer%20%20" })
	void tokenMayIncludeItsScheme(String scheme) {
		assertOpensWithoutQuery(gateway.client().path("/chat?access_token=" + scheme + token()));
	}

	@Test
	void reasonForADroppedParameterIsLogged(CapturedOutput output) {
		String token = token();
		assertThat(gateway.client().path("/chat?access_token=Basic%20" + token).exchange().status()).isEqualTo(401);
		awaitLogOf("/chat", 401, output);
		assertThat(output).contains("Dropped the token in the query of an upgrade request: it is empty or malformed")
			.doesNotContain(token);
	}

	@Test
	void otherPathsAndRequestsAreNotAffected() {
		assertThat(gateway.client().path("/other?access_token=" + token()).exchange().status()).isEqualTo(401);
		assertThat(gateway.client().path("/chat?access_token=" + token()).withoutUpgrade().exchange().status())
			.isEqualTo(401);
	}

	private static void assertOpensWithoutQuery(RawClient client) {
		ClientHandshake handshake = client.start();
		try (UpstreamHandshake server = gateway.upstream().accept()) {
			assertThat(server.target()).isEqualTo("/chat");
			try (RawPeer upstream = server.acceptWebSocket(); RawPeer peer = handshake.connected()) {
				peer.send(WireFrame.text("hello").masked());
				assertThat(upstream.receiveFrame().payloadAsText()).isEqualTo("hello");
			}
		}
	}

	private static String token() {
		return Jwts.of("ada", Instant.now().plusSeconds(600));
	}

	private enum Refusal {

		EXPIRED(401, "/chat", Jwts.of("ada", Instant.now().minusSeconds(600))),

		NO_JWT(401, "/chat", "n0t-a-jwt"),

		FORGED(401, "/chat", token() + "0"),

		TWICE(401, "/chat", token(), "&access_token=again"),

		WITHOUT_A_KEY(400, "/chat", token()),

		BY_POLICY(403, "/closed", token()),

		BY_UPSTREAM(404, "/chat", token()),

		UNREACHABLE(502, "/nowhere", token());

		private final int status;

		private final String route;

		private final String token;

		private final String rest;

		Refusal(int status, String route, String token) {
			this(status, route, token, "");
		}

		Refusal(int status, String route, String token, String rest) {
			this.status = status;
			this.route = route;
			this.token = token;
			this.rest = rest;
		}

		private String path() {
			return this.route + "/" + name();
		}

		private RawClient request(RawClient client) {
			client.path(path() + "?access_token=" + this.token + this.rest);
			return (this != WITHOUT_A_KEY) ? client : client.without("Sec-WebSocket-Key");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebFluxSecurity
	static class Security {

		@Bean
		ReactiveJwtDecoder jwtDecoder() {
			return Jwts.decoder();
		}

		@Bean
		SecurityWebFilterChain filterChain(ServerHttpSecurity http) {
			return http.authorizeExchange((exchanges) -> exchanges.anyExchange().authenticated())
				.oauth2ResourceServer((server) -> server.jwt(Customizer.withDefaults()))
				.build();
		}

	}

}
