package dev.wspolicy.builtin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.builtin.support.Principals;
import dev.wspolicy.builtin.support.SettingCheck;
import dev.wspolicy.session.ClientAddress;
import dev.wspolicy.session.UpgradeContext;

/**
 * Determines which sessions a limit counts together, by a key. Keys are bounded in
 * length, even if clients choose the values, and disclose no secrets.
 */
final class SessionScope {

	/** Longer values are hashed. */
	private static final int MAX_PLAIN = 64;

	private final Kind kind;

	private final String name;

	private final String label;

	private final int ipv6Prefix;

	private SessionScope(Kind kind, String name, int ipv6Prefix) {
		this.kind = kind;
		this.name = name;
		this.label = kind.text() + ((kind == Kind.HEADER) ? name.toLowerCase(Locale.ROOT) : name);
		this.ipv6Prefix = ipv6Prefix;
	}

	/**
	 * Parses a setting.
	 * @param setting the setting
	 * @param ipv6Prefix the length in bits of the IPv6 prefix that identifies a client
	 * @param plain the supported kinds without a name
	 * @return the scope
	 */
	static SessionScope of(String setting, int ipv6Prefix, Kind... plain) {
		ClientAddress.checkIpv6Prefix(ipv6Prefix);
		int colon = setting.indexOf(':');
		String wanted = (colon < 0) ? setting.strip() : setting.substring(0, colon + 1).strip();
		String name = setting.substring(colon + 1).strip();
		for (Kind kind : Kind.values()) {
			boolean allowed = kind.isNamed() ? kind.isName(name) : Arrays.asList(plain).contains(kind);
			if (allowed && kind.text().equalsIgnoreCase(wanted)) {
				checkApplicable(kind, ipv6Prefix);
				return new SessionScope(kind, kind.isNamed() ? name : "", ipv6Prefix);
			}
		}
		throw new IllegalArgumentException("scope: '" + setting + "' (expected: "
				+ Arrays.stream(plain).map(Kind::text).collect(Collectors.joining(", "))
				+ ", or header:, path: or attribute: and the name of one)");
	}

	/** Sessions that lack what another scope looks at are counted by their address. */
	private static void checkApplicable(Kind kind, int ipv6Prefix) {
		if (!kind.usesAddresses()) {
			SettingCheck.notApplicable("ipv6-prefix", Integer.toString(ipv6Prefix), ClientAddress.DEFAULT_IPV6_PREFIX,
					"not supported with 'scope: " + kind.text() + "'");
		}
	}

	Kind kind() {
		return this.kind;
	}

	/** Whether the key of a session never changes. */
	boolean isFixed() {
		return this.kind != Kind.PRINCIPAL;
	}

	/**
	 * Returns the key of a session.
	 * @param upgrade the upgrade request of the session
	 * @param principal the principal, or {@code null}
	 * @return the key, which falls back to the address of the client; {@code null} if the
	 * address is unknown, too
	 */
	@Nullable String key(UpgradeContext upgrade, @Nullable Principal principal) {
		String value = value(upgrade, principal);
		if (value != null && !value.isBlank()) {
			return key(this.label, value, this.kind.isNamed());
		}
		String network = (this.kind != Kind.SESSION) ? ClientAddress.network(upgrade.remoteAddress(), this.ipv6Prefix)
				: null;
		return (network != null) ? key(Kind.ADDRESS.text(), network, false) : null;
	}

	private @Nullable String value(UpgradeContext upgrade, @Nullable Principal principal) {
		return switch (this.kind) {
			case GATEWAY, FLEET -> this.kind.text();
			case ROUTE -> upgrade.routeId();
			case PRINCIPAL -> name(principal);
			case HEADER -> only(upgrade.headers().getOrEmpty(this.name));
			case PATH -> upgrade.pathVariables().get(this.name);
			case ATTRIBUTE -> text(upgrade.attributes().get(this.name));
			case SESSION, ADDRESS -> null;
		};
	}

	private static @Nullable String name(@Nullable Principal principal) {
		Principal known = Principals.authenticated(principal);
		return (known != null) ? known.getName() : null;
	}

	/** With several values, it is not known which one the upstream uses. */
	private static @Nullable String only(List<String> values) {
		return (values.size() == 1) ? values.get(0) : null;
	}

	/** The text of other objects may differ for each session. */
	private @Nullable String text(@Nullable Object value) {
		if (value == null || value instanceof CharSequence || value instanceof Number || value instanceof Boolean
				|| value instanceof Enum<?> || value instanceof UUID) {
			return (value != null) ? value.toString() : null;
		}
		if (value instanceof Principal principal) {
			return name(principal);
		}
		throw new IllegalStateException("scope: the attribute '" + this.name + "' is a " + value.getClass().getName()
				+ " (expected: a text, a number or a principal)");
	}

	/** The separator keeps a plain value from being equal to the hash of another. */
	private static String key(String label, String value, boolean secret) {
		return (secret || value.length() > MAX_PLAIN) ? label + "# " + hash(value) : label + " " + value;
	}

	private static String hash(String value) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
			return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("SHA-256 is not available", ex);
		}
	}

	/**
	 * The property that sessions share.
	 */
	enum Kind {

		/** Each session by itself. */
		SESSION("session"),

		/** All sessions of the gateway. */
		GATEWAY("gateway"),

		/** All sessions of the gateways that act as one. */
		FLEET("fleet"),

		/** The route. */
		ROUTE("route"),

		/** The principal. */
		PRINCIPAL("principal"),

		/** The address of the client. */
		ADDRESS("address"),

		/** The value of a header. */
		HEADER("header:"),

		/** The value of a path variable. */
		PATH("path:"),

		/** The value of an exchange attribute. */
		ATTRIBUTE("attribute:");

		private final String text;

		Kind(String text) {
			this.text = text;
		}

		String text() {
			return this.text;
		}

		/** Whether any session is counted by its address. */
		private boolean usesAddresses() {
			return this == PRINCIPAL || this == ADDRESS || isNamed();
		}

		boolean isNamed() {
			return this.text.endsWith(":");
		}

		/** With an invalid header name, all sessions would fall back to the address. */
		private boolean isName(String name) {
			return !name.isEmpty() && (this != HEADER || name.chars()
				.allMatch((character) -> (character >= '0' && character <= '9')
						|| (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z')
						|| "!#$%&'*+-.^_`|~".indexOf(character) >= 0));
		}

	}

}
