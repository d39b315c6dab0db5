package dev.wspolicy.gateway;

import java.time.Instant;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

import dev.wspolicy.policies.security.Jwts;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * A token in the query, in front of Spring Security.
 */
@ExtendWith(OutputCaptureExtension.class)
class QueryTokenTests {

	private static RawUpstream upstream;

	private static TestGateway gateway;

	@BeforeAll
	static void start() {
		upstream = RawUpstream.start();
		gateway = TestGateway.with(Security.class)
			.set("ws-policy.query-token.enabled", "true")
			.set("ws-policy.query-token.paths", "/chat/**")
			.set("logging.level.root", "info")
			.set("logging.level.org.springframework.web", "debug")
			.set("logging.level.org.springframework.security", "debug")
			.set("logging.level.org.springframework.cloud.gateway", "debug")
			.set("logging.level.dev.wspolicy", "trace")
			.set("logging.level.dev.wspolicy.session", "info")
			.route("chat", upstream.uri(), "RemoveRequestHeader=Authorization")
			.route("other", upstream.uri())
			.start();
	}

	@AfterAll
	static void stop() {
		gateway.close();
		upstream.close();
	}

	@AfterEach
	void everySessionHasEnded() {
		gateway.awaitNoSessions();
	}

	@Test
	void springSecurityAuthenticatesByItAndNobodyElseSeesIt(CapturedOutput output) {
		String token = token();
		ClientHandshake handshake = gateway.client().path("/chat/room?a=1&access_token=" + token + "&b=%20x").start();
		try (UpstreamHandshake server = upstream.accept()) {
			assertThat(server.target()).isEqualTo("/chat/room?a=1&b=%20x");
			assertThat(server.headers().first("Authorization")).isNull();
			try (RawSession session = new RawSession(handshake.peer(), server.acceptWebSocket())) {
				assertThat(session.client()).isNotNull();
				assertThat(handshake.connected()).isSameAs(session.client());
				await().until(() -> gateway.sessions().size() == 1);
				ProxiedSession opened = gateway.sessions().stream().findFirst().orElseThrow();
				assertThat(opened.principal()).isNotNull().extracting("name").isEqualTo("ada");
				UpgradeContext upgrade = opened.upgrade();
				assertThat(upgrade.uri().toString()).endsWith("/chat/room?a=1&b=%20x");
				assertThat(upgrade.queryParams()).containsOnlyKeys("a", "b");
				assertThat(upgrade.headers().getFirst("Authorization")).isEqualTo("Bearer " + token);
				assertThat(upgrade.attributes().toString()).doesNotContain("access_token");
			}
		}
		gateway.awaitNoSessions();
		assertThat(output).doesNotContain(token).doesNotContain("access_token");
	}

	@Test
	void onlyParameterLeavesNoQuestionMark() {
		ClientHandshake handshake = gateway.client().path("/chat?access_token=" + token()).start();
		try (UpstreamHandshake server = upstream.accept()) {
			assertThat(server.target()).isEqualTo("/chat");
			new RawSession(handshake.peer(), server.acceptWebSocket()).close();
		}
	}

	@Test
	void headerOfTheClientStaysAsItIs() {
		ClientHandshake handshake = gateway.client()
			.path("/chat?access_token=nonsense")
			.header("Authorization", "Bearer " + token())
			.start();
		try (UpstreamHandshake server = upstream.accept()) {
			assertThat(server.target()).isEqualTo("/chat");
			new RawSession(handshake.peer(), server.acceptWebSocket()).close();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "?access_token=", "?access_token", "?access_token=a%0d%0aX-Evil:1",
			"?access_token=a,b", "?Access_Token=TOKEN", "?access_token=TOKEN&access_token=TOKEN" })
	void whatIsNotOneTokenIsNone(String query) {
		assertThat(gateway.client().path("/chat" + query.replace("TOKEN", token())).exchange().status()).isEqualTo(401);
	}

	@Test
	void nameOfTheParameterMayBeEncoded() {
		ClientHandshake handshake = gateway.client().path("/chat?access%5Ftoken=" + token()).start();
		try (UpstreamHandshake server = upstream.accept()) {
			assertThat(server.target()).isEqualTo("/chat");
			new RawSession(handshake.peer(), server.acceptWebSocket()).close();
		}
	}

	@Test
	void otherPathsAndRequestsAreLeftAlone() {
		assertThat(gateway.client().path("/other?access_token=" + token()).exchange().status()).isEqualTo(401);
		assertThat(gateway.client().path("/chat?access_token=" + token()).withoutUpgrade().exchange().status())
			.isEqualTo(401);
	}

	@ParameterizedTest
	@CsvSource({ "parameter, '', ws-policy.query-token.parameter", "header, 'a b', ws-policy.query-token.header",
			"scheme, 'a b', ws-policy.query-token.scheme", "paths, '/{a', ws-policy.query-token.paths" })
	void wrongSettingsAreNamed(String setting, String value, String named, CapturedOutput output) {
		assertThat(catchThrowable(() -> TestGateway.with()
			.set("ws-policy.query-token.enabled", "true")
			.set("ws-policy.query-token." + setting, value)
			.start()
			.close())).isNotNull();
		assertThat(output).contains("APPLICATION FAILED TO START").contains(named);
	}

	private static String token() {
		return Jwts.of("ada", Instant.now().plusSeconds(600));
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
