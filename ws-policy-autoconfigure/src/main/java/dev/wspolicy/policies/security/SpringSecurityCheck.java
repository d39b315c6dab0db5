package dev.wspolicy.policies.security;

import org.jspecify.annotations.Nullable;

/**
 * A check that Spring Security does. No {@link CredentialsCheck} itself, so that it is
 * never taken for one of the user's.
 *
 * @param use what it is good for
 * @param check the check, or {@code null} if the application has nobody for it
 */
record SpringSecurityCheck(Use use, @Nullable CredentialsCheck check) {

	/**
	 * What a check is good for.
	 */
	enum Use {

		/** Names and passwords, by the authentication manager. */
		PASSWORDS,

		/** Tokens of any kind, by the authentication manager. */
		TOKENS,

		/** JWTs, by the decoder. */
		JWTS

	}

}
