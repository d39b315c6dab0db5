package dev.wspolicy.builtin.security;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;

import dev.wspolicy.builtin.security.SpringSecurityCheck.Use;
import dev.wspolicy.fleet.Revocations;

/**
 * Resolves the check for a kind of credentials when a pipeline requires it.
 */
public final class CredentialsCheckResolver {

	private final ObjectProvider<CredentialsCheck> own;

	private final ObjectProvider<SpringSecurityCheck> springSecurity;

	private final @Nullable Revocations revocations;

	/**
	 * Creates a resolver that prefers the application's own check.
	 * @param own the application's check, if any
	 * @param springSecurity the checks of Spring Security
	 * @param revocations what no check accepts, or {@code null}
	 */
	public CredentialsCheckResolver(ObjectProvider<CredentialsCheck> own,
			ObjectProvider<SpringSecurityCheck> springSecurity, @Nullable Revocations revocations) {
		this.revocations = revocations;
		this.own = own;
		this.springSecurity = springSecurity;
	}

	/** Resolves the check for the first message of a client. */
	CredentialsCheck resolve(Credentials.Kind kind) {
		return (kind == Credentials.Kind.PASSWORD)
				? find("password", "a CredentialsCheck bean, or one ReactiveAuthenticationManager bean", Use.PASSWORDS)
				: find("token", "a CredentialsCheck bean, or Spring Security's resource server with one "
						+ "ReactiveAuthenticationManager or ReactiveJwtDecoder bean", Use.TOKENS, Use.JWTS);
	}

	/** Resolves the check for tokens that renew a session. */
	CredentialsCheck resolveForRenewal() {
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
			throw new IllegalArgumentException("no check for a " + kind + " (expected: " + expected + ")");
		}
		return (this.revocations != null) ? unlessRevoked(check, this.revocations) : check;
	}

	private static CredentialsCheck unlessRevoked(CredentialsCheck check, Revocations revocations) {
		return (credentials, session) -> check.check(credentials, session)
			.filter((principal) -> !revocations.isRevoked(principal, Instant.now()));
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
