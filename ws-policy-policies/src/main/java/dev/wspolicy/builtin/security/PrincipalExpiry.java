package dev.wspolicy.builtin.security;

import java.security.Principal;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Returns when the authentication of a principal expires.
 */
@FunctionalInterface
public interface PrincipalExpiry {

	/**
	 * Returns the expiry of a principal.
	 * @param principal the principal
	 * @return the time of expiry, or {@code null} if there is none
	 */
	@Nullable Instant of(Principal principal);

	/**
	 * Creates a source that handles {@link ExpiringPrincipal} itself and delegates all
	 * other principals to the given source.
	 * @param others the source for other principals, or {@code null} if there is none
	 * @return the combined source
	 */
	static PrincipalExpiry withFallback(@Nullable PrincipalExpiry others) {
		return (principal) -> {
			if (principal instanceof ExpiringPrincipal expiring) {
				return expiring.expiresAt();
			}
			return (others != null) ? others.of(principal) : null;
		};
	}

}
