package dev.wspolicy.builtin.access;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.FramePolicyFactory;

/**
 * The factory of the built-in policy for STOMP. Requires Spring Messaging.
 */
public final class StompPolicies {

	private StompPolicies() {
	}

	/**
	 * Returns the factory of {@code stomp-authorization}.
	 * @param authorities returns the authorities of principals, or {@code null} if they
	 * are unknown
	 * @return the factory
	 */
	public static FramePolicyFactory<?> stompAuthorization(@Nullable PrincipalAuthorities authorities) {
		return FramePolicyFactory.of(StompAuthorizationPolicy.NAME, StompAuthorizationPolicy.Settings.class,
				(settings) -> new StompAuthorizationPolicy(settings, authorities));
	}

	/**
	 * Returns the types of the settings, which are bound by reflection.
	 * @return the types of the settings of these policies
	 */
	public static List<Class<?>> settings() {
		return List.of(StompAuthorizationPolicy.Settings.class);
	}

}
