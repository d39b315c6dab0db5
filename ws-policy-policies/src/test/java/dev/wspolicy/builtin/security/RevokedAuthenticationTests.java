package dev.wspolicy.builtin.security;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

import dev.wspolicy.fleet.PrincipalToken;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what is known of the token of a principal.
 */
class RevokedAuthenticationTests {

	private static final Instant ISSUED = Instant.parse("2026-01-01T00:00:00Z");

	private final PrincipalToken.Reader tokens = SecurityPolicies.tokens(SpringSecurityAdapter::token);

	@Test
	void readsJwts() {
		Jwt jwt = Jwt.withTokenValue("x").header("alg", "none").jti("t1").subject("ada").issuedAt(ISSUED).build();
		assertThat(this.tokens.read(new JwtAuthenticationToken(jwt))).isEqualTo(new PrincipalToken("t1", ISSUED));
		Jwt bare = Jwt.withTokenValue("x").header("alg", "none").subject("ada").build();
		assertThat(this.tokens.read(new JwtAuthenticationToken(bare))).isEqualTo(PrincipalToken.UNKNOWN);
	}

	@Test
	void readsOpaqueTokens() {
		OAuth2AccessToken token = new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, "x", ISSUED,
				ISSUED.plusSeconds(60));
		DefaultOAuth2AuthenticatedPrincipal principal = new DefaultOAuth2AuthenticatedPrincipal(
				Map.of("jti", "t1", "sub", "ada"), List.of());
		assertThat(this.tokens.read(new TestingAuthenticationToken(principal, token)))
			.isEqualTo(new PrincipalToken("t1", ISSUED));
	}

	@Test
	void readsPrincipalsOfTheApplication() {
		assertThat(this.tokens.read(new Expiring("t1", ISSUED))).isEqualTo(new PrincipalToken("t1", ISSUED));
		assertThat(this.tokens.read(() -> "ada")).isEqualTo(PrincipalToken.UNKNOWN);
		assertThat(SecurityPolicies.tokens(null).read(() -> "ada")).isEqualTo(PrincipalToken.UNKNOWN);
		assertThat(this.tokens.read(new TestingAuthenticationToken("ada", "secret"))).isEqualTo(PrincipalToken.UNKNOWN);
	}

	private record Expiring(@Nullable String tokenId, @Nullable Instant issuedAt) implements ExpiringPrincipal {

		@Override
		public String getName() {
			return "ada";
		}

		@Override
		public Instant expiresAt() {
			return ISSUED.plusSeconds(60);
		}

	}

}
