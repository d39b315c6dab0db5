package dev.wspolicy.policies.security;

import java.security.Principal;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Reads from a principal until when it is known.
 */
@FunctionalInterface
interface PrincipalExpiry {

	/**
	 * Read the expiry.
	 * @param principal the principal
	 * @return the time, or {@code null} if there is none
	 */
	@Nullable Instant of(Principal principal);

	/** Knows what users' own principals say, and asks others about the rest. */
	static PrincipalExpiry orElse(@Nullable PrincipalExpiry others) {
		return (principal) -> {
			if (principal instanceof ExpiringPrincipal expiring) {
				return expiring.expiresAt();
			}
			return (others != null) ? others.of(principal) : null;
		};
	}

}
