package dev.wspolicy.builtin.access;

import java.security.Principal;
import java.util.Collection;

/**
 * Returns the authorities of principals. By default, they are the granted authorities of
 * Spring Security if it is on the class path. Define a bean of this type to replace them.
 */
@FunctionalInterface
public interface PrincipalAuthorities {

	/**
	 * Returns the authorities of a principal. Called on an event loop or a worker thread,
	 * so it must not block and must be thread-safe.
	 * @param principal the principal
	 * @return the authorities; the role {@code X} is the authority {@code ROLE_X}
	 */
	Collection<String> of(Principal principal);

}
