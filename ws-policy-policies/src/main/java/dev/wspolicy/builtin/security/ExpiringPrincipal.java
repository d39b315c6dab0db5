package dev.wspolicy.builtin.security;

import java.security.Principal;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A principal whose authentication expires, for applications without Spring Security.
 */
public interface ExpiringPrincipal extends Principal {

	/**
	 * Returns the time at which the authentication expires.
	 * @return the time
	 */
	Instant expiresAt();

	/**
	 * Returns the id of the token, by which it can be revoked.
	 * @return the id, or {@code null} if it has none
	 */
	default @Nullable String tokenId() {
		return null;
	}

	/**
	 * Returns when the token was issued.
	 * @return the time, or {@code null} if it is unknown
	 */
	default @Nullable Instant issuedAt() {
		return null;
	}

}
