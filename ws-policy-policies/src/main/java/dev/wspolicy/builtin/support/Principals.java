package dev.wspolicy.builtin.support;

import java.security.Principal;

import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.util.ClassUtils;

/**
 * Tells authenticated principals from anonymous ones: Spring Security has a principal for
 * clients that have not authenticated, too.
 */
public final class Principals {

	private static final boolean SPRING_SECURITY = ClassUtils.isPresent(
			"org.springframework.security.authentication.AnonymousAuthenticationToken",
			Principals.class.getClassLoader());

	private Principals() {
	}

	/**
	 * Returns the principal if it is authenticated.
	 * @param principal the principal, or {@code null}
	 * @return the same principal, or {@code null} if it is anonymous
	 */
	public static @Nullable Principal authenticated(@Nullable Principal principal) {
		return (principal != null && SPRING_SECURITY && AnonymousUsers.include(principal)) ? null : principal;
	}

	private static final class AnonymousUsers {

		static boolean include(Principal principal) {
			return principal instanceof Authentication authentication
					&& (!authentication.isAuthenticated() || principal instanceof AnonymousAuthenticationToken);
		}

	}

}
