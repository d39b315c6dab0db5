package dev.wspolicy.builtin.security;

import org.jspecify.annotations.Nullable;

/**
 * A check by Spring Security. Not a {@link CredentialsCheck} itself, so that it cannot be
 * confused with a check of the application.
 *
 * @param use the use of the check
 * @param check the check, or {@code null} if the application has no bean for it
 */
public record SpringSecurityCheck(Use use, @Nullable CredentialsCheck check) {

	/**
	 * The use of a check.
	 */
	public enum Use {

		/** Names and passwords, by the authentication manager. */
		PASSWORDS,

		/** Tokens of any kind, by the authentication manager. */
		TOKENS,

		/** JWTs, by the decoder. */
		JWTS

	}

}
