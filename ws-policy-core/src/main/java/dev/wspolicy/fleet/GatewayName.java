package dev.wspolicy.fleet;

import java.util.UUID;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The name of this gateway, unique in its fleet.
 *
 * @param value the name
 */
public record GatewayName(String value) {

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	public GatewayName {
		if (!NAME.matcher(value).matches()) {
			throw new IllegalArgumentException("'ws-policy.fleet.gateway' is '" + value
					+ "': expected 1 to 64 letters, digits, dots, dashes and underscores");
		}
	}

	/**
	 * Returns the configured name, or a random one.
	 * @param configured the name, or {@code null}
	 * @return the name
	 */
	public static GatewayName of(@Nullable String configured) {
		return new GatewayName((configured != null && !configured.isBlank()) ? configured
				: UUID.randomUUID().toString().substring(0, 8));
	}

}
