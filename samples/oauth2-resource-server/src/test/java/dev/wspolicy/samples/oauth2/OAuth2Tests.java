package dev.wspolicy.samples.oauth2;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.test.SocketPeer;
import dev.wspolicy.test.WebSocketUpstream;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class OAuth2Tests {

	private static final KeyPair KEYS = keys();

	@RegisterExtension
	static final WebSocketUpstream upstream = new WebSocketUpstream();

	private final String gateway;

	OAuth2Tests(@LocalServerPort int port) {
		this.gateway = "ws://localhost:" + port;
	}

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("chat.uri", upstream::uri);
	}

	@Test
	void admitsATokenInTheHeader() {
		SocketPeer client = upstream.client(this.gateway + "/chat")
			.header("Authorization", "Bearer " + token("chat", Duration.ofHours(1)))
			.open();
		SocketPeer server = upstream.accept();
		assertThat(server.header("Authorization")).isNull();
		client.send("hello");
		server.expect("hello");
	}

	@Test
	void admitsATokenInTheQuery() {
		upstream.client(this.gateway + "/chat?access_token=" + token("chat", Duration.ofHours(1))).open().send("hello");
		upstream.accept().expect("hello");
	}

	@Test
	void refusesAMissingTokenAndAMissingScope() {
		upstream.client(this.gateway + "/chat").expectRefused(401);
		upstream.client(this.gateway + "/chat")
			.header("Authorization", "Bearer " + token("mail", Duration.ofHours(1)))
			.expectRefused(403);
	}

	@Test
	void closesASessionWhoseTokenHasExpired() {
		// Spring Security admits it, because clocks may differ by a minute
		upstream.client(this.gateway + "/chat")
			.header("Authorization", "Bearer " + token("chat", Duration.ofSeconds(-5)))
			.open()
			.expectClosed(CloseStatus.of(4401, "token expired"));
	}

	@Test
	void authenticatesByTheFirstMessage() {
		SocketPeer client = upstream.client(this.gateway + "/first-message").open();
		SocketPeer server = upstream.accept();
		client.send("{\"token\":\"" + token("chat", Duration.ofHours(1)) + "\"}");
		client.expect("{\"type\":\"welcome\"}").send("hello");
		server.expect("hello");
	}

	@Test
	void closesAClientThatTalksBeforeItHasAuthenticated() {
		upstream.client(this.gateway + "/first-message")
			.open()
			.send("hello")
			.expectClosed(CloseStatus.of(4401, "authentication required"));
		upstream.accept().expectClosed(CloseStatus.GOING_AWAY);
	}

	private static String token(String scope, Duration lifetime) {
		Instant now = Instant.now();
		JwtClaimsSet claims = JwtClaimsSet.builder()
			.subject("ann")
			.claim("scope", scope)
			.issuedAt(now.minusSeconds(30))
			.expiresAt(now.plus(lifetime))
			.build();
		NimbusJwtEncoder encoder = NimbusJwtEncoder
			.withKeyPair((RSAPublicKey) KEYS.getPublic(), (RSAPrivateKey) KEYS.getPrivate())
			.build();
		return encoder.encode(JwtEncoderParameters.from(JwsHeader.with(SignatureAlgorithm.RS256).build(), claims))
			.getTokenValue();
	}

	private static KeyPair keys() {
		try {
			return KeyPairGenerator.getInstance("RSA").generateKeyPair();
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Takes the place of the identity provider. */
	@TestConfiguration(proxyBeanMethods = false)
	static class Issuer {

		@Bean
		ReactiveJwtDecoder decoder() {
			return NimbusReactiveJwtDecoder.withPublicKey((RSAPublicKey) KEYS.getPublic()).build();
		}

	}

}
