package dev.wspolicy.fleet;

import java.time.Instant;

/**
 * Withdraws authentications before they expire.
 */
public sealed interface Revocation {

	/**
	 * Returns when it can be forgotten, because what it revokes has expired.
	 * @return the time
	 */
	Instant until();

	/**
	 * Revokes one token.
	 * @param id the id of the token: the claim {@code jti} of a JWT
	 * @param until when the token expires
	 * @return the revocation
	 */
	static Revocation token(String id, Instant until) {
		return new Token(id, until);
	}

	/**
	 * Revokes what a principal authenticated with before a time.
	 * @param name the name of the principal
	 * @param issuedBefore the time; tokens that were issued at this time or later are
	 * valid
	 * @param until when the last of the revoked tokens expires
	 * @return the revocation
	 */
	static Revocation principal(String name, Instant issuedBefore, Instant until) {
		return new Issued(name, issuedBefore, until);
	}

	/**
	 * Revokes one token.
	 *
	 * @param id the id of the token
	 * @param until when the token expires
	 */
	record Token(String id, Instant until) implements Revocation {

		public Token {
			if (id.isBlank()) {
				throw new IllegalArgumentException("token: blank (expected: the id of a token)");
			}
		}

	}

	/**
	 * Revokes what a principal authenticated with before a time.
	 *
	 * @param principal the name of the principal
	 * @param before the time
	 * @param until when the last of the revoked tokens expires
	 */
	record Issued(String principal, Instant before, Instant until) implements Revocation {

		public Issued {
			if (principal.isBlank()) {
				throw new IllegalArgumentException("principal: blank (expected: the name of a principal)");
			}
		}

	}

}
