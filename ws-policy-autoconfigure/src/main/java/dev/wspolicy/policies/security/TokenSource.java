package dev.wspolicy.policies.security;

import java.security.Principal;
import java.time.Instant;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.ProxiedSession;

/**
 * Where the token of an upgrade is, whose expiry counts.
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
		return switch (this.kind) {
			case HEADER -> ofText(session.upgrade().headers().getFirst(this.name));
			case ATTRIBUTE -> ofValue(session.upgrade().attributes().get(this.name));
			default -> ofPrincipal(session.principal());
		};
	}

	@Nullable Instant ofPrincipal(@Nullable Principal principal) {
		return (principal != null) ? this.principals.of(principal) : null;
	}

	private static @Nullable Instant ofText(@Nullable String value) {
		return (value != null) ? JwtExpiry.read(value) : null;
	}

	private @Nullable Instant ofValue(@Nullable Object value) {
		if (value instanceof Instant instant) {
			return instant;
		}
		return (value instanceof Principal principal) ? ofPrincipal(principal)
				: ofText((value != null) ? value.toString() : null);
	}

}
