package dev.wspolicy.policies;

import java.security.Principal;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Who is admitted: those that have one of some authorities, or anybody.
 */
public final class Permission {

	private final Set<String> authorities;

	private final PrincipalAuthorities known;

	private Permission(Set<String> authorities, PrincipalAuthorities known) {
		this.authorities = authorities;
		this.known = known;
	}

	/**
	 * A permission.
	 * @param authorities authorities of which one is enough
	 * @param roles roles of which one is enough; with no authority and no role, anybody
	 * is admitted
	 * @param known knows the authorities of principals, or {@code null}
	 * @return the permission
	 * @throws IllegalArgumentException if nobody knows the authorities of principals
	 */
	public static Permission of(List<String> authorities, List<String> roles, @Nullable PrincipalAuthorities known) {
		Set<String> wanted = new HashSet<>(authorities);
		roles.forEach((role) -> wanted.add("ROLE_" + role));
		if (!wanted.isEmpty() && known == null) {
			throw new IllegalArgumentException(
					(authorities.isEmpty() ? "roles: " + roles : "authorities: " + authorities)
							+ " (expected: Spring Security on the class path, or a PrincipalAuthorities bean)");
		}
		return new Permission(wanted, (known != null) ? known : (principal) -> List.of());
	}

	/**
	 * Whether somebody is admitted.
	 * @param principal who, or {@code null} if that is not known
	 * @return {@code true} if so
	 */
	public boolean admits(@Nullable Principal principal) {
		return this.authorities.isEmpty()
				|| (principal != null && !Collections.disjoint(this.authorities, this.known.of(principal)));
	}

}
