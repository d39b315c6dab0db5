package dev.wspolicy.builtin.security;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

import dev.wspolicy.json.JsonMessage;

/**
 * The claims of a JWT, without verification. Use it only for tokens that have been
 * verified already.
 *
 * @param tree the claims
 */
record JwtClaims(JsonNode tree) {

	private static final String SCHEME = "Bearer ";

	/**
	 * Parses a token.
	 * @param value a signed JWT, with or without the prefix {@code Bearer}
	 * @return the claims, or {@code null} if the value is not a JWT
	 */
	static @Nullable JwtClaims read(String value) {
		String token = value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()) ? value.substring(SCHEME.length())
				: value;
		String[] parts = token.strip().split("\\.", -1);
		if (parts.length != 3) {
			return null;
		}
		try {
			String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
			JsonNode tree = JsonMessage.parse(claims);
			return new JwtClaims((tree != null) ? tree : JsonNodeFactory.instance.missingNode());
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * The year 33658. A larger number is most likely one of milliseconds, which must not
	 * make a token valid for ever.
	 */
	private static final double MAX_SECONDS = 1e12;

	/**
	 * Returns the expiry, or {@code null} if there is none, or none that can be meant.
	 * What is earlier than any instant can be is the first one.
	 */
	@Nullable Instant expiry() {
		JsonNode expiry = this.tree.path("exp");
		double seconds = expiry.isNumber() ? expiry.asDouble(Double.NaN) : Double.NaN;
		if (Double.isNaN(seconds) || seconds >= MAX_SECONDS) {
			return null;
		}
		// Clamped as a whole number, because a double would round the bound.
		return Instant.ofEpochSecond(Math.max((long) seconds, Instant.MIN.getEpochSecond()));
	}

	/** Returns the subject, or {@code null} if there is none. */
	@Nullable String subject() {
		JsonNode subject = this.tree.path("sub");
		return (subject.isString() && !subject.stringValue().isBlank()) ? subject.stringValue() : null;
	}

}
