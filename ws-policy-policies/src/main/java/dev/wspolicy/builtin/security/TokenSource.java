package dev.wspolicy.builtin.security;

import java.security.Principal;
import java.time.Instant;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.builtin.support.Principals;
import dev.wspolicy.session.ProxiedSession;

/**
 * Locates the token of an upgrade request.
 */
final class TokenSource {

	private static final String HEADER = "header:";

	private static final String ATTRIBUTE = "attribute:";

	private final String kind;

	private final String name;

	private final PrincipalExpiry principals;

	TokenSource(String setting, PrincipalExpiry principals) {
		int colon = setting.indexOf(':');
		this.kind = setting.substring(0, colon + 1).toLowerCase(Locale.ROOT);
		this.name = setting.substring(colon + 1).strip();
		this.principals = principals;
		boolean known = this.kind.isEmpty() ? "principal".equalsIgnoreCase(this.name)
				: (this.kind.equals(HEADER) || this.kind.equals(ATTRIBUTE)) && !this.name.isEmpty();
		if (!known) {
			throw new IllegalArgumentException("token: '" + setting
					+ "' (expected: principal, header: and the name of one, or attribute: and the name of one)");
		}
	}

	@Nullable Instant expiry(ProxiedSession session) {
		Object token = token(session);
		if (token instanceof Instant instant) {
			return instant;
		}
		if (token instanceof Principal principal) {
			return ofPrincipal(principal);
		}
		JwtClaims claims = claims(token);
		return (claims != null) ? claims.expiry() : null;
	}

	/** Returns the name of the owner of the token, or {@code null} if it is unknown. */
	@Nullable String owner(ProxiedSession session) {
		Object token = token(session);
		if (token instanceof Principal principal) {
			Principal known = Principals.authenticated(principal);
			return (known != null) ? known.getName() : null;
		}
		JwtClaims claims = claims(token);
		return (claims != null) ? claims.subject() : null;
	}

	@Nullable Instant ofPrincipal(@Nullable Principal principal) {
		return (principal != null) ? this.principals.of(principal) : null;
	}

	private @Nullable Object token(ProxiedSession session) {
		return switch (this.kind) {
			case HEADER -> session.upgrade().headers().getFirst(this.name);
			case ATTRIBUTE -> session.upgrade().attributes().get(this.name);
			default -> session.principal();
		};
	}

	private static @Nullable JwtClaims claims(@Nullable Object token) {
		return (token != null) ? JwtClaims.read(token.toString()) : null;
	}

}
