package dev.wspolicy.builtin.access;

import java.security.Principal;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The authorities of which a principal needs one. With no authorities, anybody is
 * allowed.
 */
final class RequiredAuthorities {

	private final Set<String> authorities;

	private final PrincipalAuthorities known;

	private RequiredAuthorities(Set<String> authorities, PrincipalAuthorities known) {
		this.authorities = authorities;
		this.known = known;
	}

	/**
	 * Creates the requirement.
	 * @param authorities the authorities of which the principal needs one
	 * @param roles the roles of which the principal needs one
	 * @param known returns the authorities of principals, or {@code null} if they are
	 * unknown
	 * @return the requirement
	 * @throws IllegalArgumentException if authorities are required but unknown
	 */
	static RequiredAuthorities of(List<String> authorities, List<String> roles, @Nullable PrincipalAuthorities known) {
		Set<String> wanted = new HashSet<>(authorities);
		roles.forEach((role) -> wanted.add("ROLE_" + role));
		if (!wanted.isEmpty() && known == null) {
			throw new IllegalArgumentException(
					(authorities.isEmpty() ? "roles: " + roles : "authorities: " + authorities)
							+ " (expected: Spring Security on the class path, or a PrincipalAuthorities bean)");
		}
		return new RequiredAuthorities(wanted, (known != null) ? known : (principal) -> List.of());
	}

	/**
	 * Returns whether a principal meets the requirement.
	 * @param principal the principal, or {@code null} if it is unknown
	 * @return {@code true} if the principal has one of the authorities, or none is
	 * required
	 */
	boolean isMetBy(@Nullable Principal principal) {
		return this.authorities.isEmpty()
				|| (principal != null && !Collections.disjoint(this.authorities, this.known.of(principal)));
	}

}
