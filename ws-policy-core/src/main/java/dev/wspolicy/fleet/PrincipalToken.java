package dev.wspolicy.fleet;

import java.security.Principal;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What is known of the token with which a principal has authenticated.
 *
 * @param id its id, or {@code null}
 * @param issuedAt when it was issued, or {@code null}
 */
public record PrincipalToken(@Nullable String id, @Nullable Instant issuedAt) {

	/**
	 * Nothing is known.
	 */
	public static final PrincipalToken UNKNOWN = new PrincipalToken(null, null);

	/**
	 * Reads the token of a principal.
	 */
	@FunctionalInterface
	public interface Reader {

		/**
		 * Reads the token of a principal.
		 * @param principal the principal
		 * @return what is known of its token
		 */
		PrincipalToken read(Principal principal);

	}

}
