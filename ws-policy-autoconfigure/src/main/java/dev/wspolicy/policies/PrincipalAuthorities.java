package dev.wspolicy.policies;

import java.security.Principal;
import java.util.Collection;

/**
 * Knows what principals may do. With Spring Security on the class path its granted
 * authorities count; a bean of this type takes their place.
 */
@FunctionalInterface
public interface PrincipalAuthorities {

	/**
	 * What a principal may do.
	 * @param principal the principal
	 * @return its authorities; a role {@code X} is the authority {@code ROLE_X}
	 */
	Collection<String> of(Principal principal);

}
