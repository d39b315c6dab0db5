package dev.wspolicy.builtin.security;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;

import javax.crypto.spec.SecretKeySpec;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;

/**
 * Creates signed tokens and decoders that accept them.
 */
public final class Jwts {

	private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

	private Jwts() {
	}

	public static ReactiveJwtDecoder decoder() {
		return NimbusReactiveJwtDecoder.withSecretKey(new SecretKeySpec(SECRET, "HmacSHA256")).build();
	}

	public static String of(String subject, @Nullable Instant expiry) {
		return of(subject, null, expiry);
	}

	public static String of(String subject, @Nullable String id, @Nullable Instant expiry) {
		JWTClaimsSet claims = new JWTClaimsSet.Builder().subject(subject)
			.jwtID(id)
			.claim("scope", "chat")
			.expirationTime((expiry != null) ? Date.from(expiry) : null)
			.build();
		SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
		try {
			token.sign(new MACSigner(SECRET));
		}
		catch (JOSEException ex) {
			throw new IllegalStateException(ex);
		}
		return token.serialize();
	}

}
