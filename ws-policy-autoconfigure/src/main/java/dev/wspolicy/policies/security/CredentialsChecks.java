package dev.wspolicy.policies.security;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;

import dev.wspolicy.policies.security.SpringSecurityCheck.Use;

/**
 * Finds who checks credentials. Looks only when a pipeline needs it.
 */
final class CredentialsChecks {

	private final ObjectProvider<CredentialsCheck> own;

	private final ObjectProvider<SpringSecurityCheck> springSecurity;

	CredentialsChecks(ObjectProvider<CredentialsCheck> own, ObjectProvider<SpringSecurityCheck> springSecurity) {
		this.own = own;
		this.springSecurity = springSecurity;
	}

	/** For what a client says first. */
	CredentialsCheck of(Credentials.Kind kind) {
		return (kind == Credentials.Kind.PASSWORD)
				? find("password", "a CredentialsCheck bean, or one ReactiveAuthenticationManager bean", Use.PASSWORDS)
				: find("token", "a CredentialsCheck bean, or Spring Security's resource server with one "
						+ "ReactiveAuthenticationManager or ReactiveJwtDecoder bean", Use.TOKENS, Use.JWTS);
	}

	/** For tokens that take the place of one which expires. */
	CredentialsCheck ofFreshTokens() {
		return find("token", "a CredentialsCheck bean, or Spring Security's resource server with one "
				+ "ReactiveJwtDecoder or ReactiveAuthenticationManager bean", Use.JWTS, Use.TOKENS);
	}

	private CredentialsCheck find(String kind, String expected, Use... uses) {
		CredentialsCheck check = this.own.getIfAvailable();
		List<SpringSecurityCheck> checks = this.springSecurity.stream().toList();
		for (Use use : uses) {
			check = (check != null) ? check : find(checks, use);
		}
		if (check == null) {
			throw new IllegalArgumentException("nobody can check a " + kind + " (expected: " + expected + ")");
		}
		return check;
	}

	private static @Nullable CredentialsCheck find(List<SpringSecurityCheck> checks, Use use) {
		for (SpringSecurityCheck candidate : checks) {
			if (candidate.use() == use) {
				return candidate.check();
			}
		}
		return null;
	}

}
