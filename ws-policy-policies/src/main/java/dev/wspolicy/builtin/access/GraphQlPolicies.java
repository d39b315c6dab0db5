package dev.wspolicy.builtin.access;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.FramePolicyFactory;

/**
 * The factory of the built-in policy for GraphQL. Requires GraphQL Java and Jackson.
 */
public final class GraphQlPolicies {

	private GraphQlPolicies() {
	}

	/**
	 * Returns the factory of {@code graphql-limit}.
	 * @param authorities returns the authorities of principals, or {@code null} if they
	 * are unknown
	 * @return the factory
	 */
	public static FramePolicyFactory<?> graphQlLimit(@Nullable PrincipalAuthorities authorities) {
		return FramePolicyFactory.of(GraphQlLimitPolicy.NAME, GraphQlLimitPolicy.Settings.class,
				(settings) -> new GraphQlLimitPolicy(settings, authorities));
	}

	/**
	 * Returns the types of the settings, which are bound by reflection.
	 * @return the types of the settings of these policies
	 */
	public static List<Class<?>> settings() {
		return List.of(GraphQlLimitPolicy.Settings.class);
	}

}
