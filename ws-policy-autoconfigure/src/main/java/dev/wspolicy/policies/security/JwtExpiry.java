package dev.wspolicy.policies.security;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.policies.MessageJson;

/**
 * Reads the {@code exp} of a JWT without verifying it. Only for tokens that somebody has
 * verified before.
 */
final class JwtExpiry {

	/** Some thousand years. */
	private static final double MAX_SECONDS = 1e11;

	private static final String SCHEME = "Bearer ";

	private JwtExpiry() {
	}

	/**
	 * Read the expiry.
	 * @param value a signed JWT, with or without {@code Bearer} before it
	 * @return the time, or {@code null} if the value is no JWT or has none
	 */
	static @Nullable Instant read(String value) {
		String token = value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()) ? value.substring(SCHEME.length())
				: value;
		String[] parts = token.strip().split("\\.", -1);
		if (parts.length != 3) {
			return null;
		}
		try {
			String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
			JsonNode expiry = MessageJson.parse(claims).path("exp");
			double seconds = expiry.isNumber() ? expiry.asDouble(Double.NaN) : Double.NaN;
			return (Math.abs(seconds) < MAX_SECONDS) ? Instant.ofEpochSecond((long) seconds) : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
