package dev.wspolicy.policies.security;

import java.security.Principal;
import java.time.Instant;

/**
 * A principal that is known for some time only, for applications without Spring Security.
 */
public interface ExpiringPrincipal extends Principal {

	/**
	 * Until when it is known.
	 * @return the time
	 */
	Instant expiresAt();

}
