package dev.wspolicy.policies;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An origin in which a {@code *} may stand for exactly one label of the host. What is not
 * a {@code *} is compared as a whole.
 *
 * @param before what stands before the labels: the scheme
 * @param labels the labels of the host, the last one with the port
 */
record OriginPattern(String before, String[] labels) {

	private static final String ANY = "*";

	// A scheme, labels or an IPv6 address, maybe a port: nothing that begins a path.
	private static final Pattern VALID = Pattern
		.compile("null|[a-z][a-z0-9+.-]*://(\\[[0-9a-f:.]+]|(\\*|[a-z0-9_-]+)(\\.(\\*|[a-z0-9_-]+))*)(:[0-9]{1,5})?");

	static OriginPattern of(String text) {
		String origin = text.toLowerCase(Locale.ROOT);
		OriginPattern pattern = split(origin);
		String last = pattern.labels[pattern.labels.length - 1];
		if (!VALID.matcher(origin).matches() || last.startsWith(ANY)) {
			throw new IllegalArgumentException("origins: '" + text + "' (expected: an origin such as "
					+ "https://app.example.com, or https://*.example.com, where * is one whole label but the last)");
		}
		return pattern;
	}

	private static OriginPattern split(String origin) {
		int host = origin.indexOf("://");
		return new OriginPattern((host < 0) ? "" : origin.substring(0, host),
				origin.substring((host < 0) ? 0 : host + 3).split("\\.", -1));
	}

	/**
	 * Whether an origin is one of these.
	 * @param origin the value of the header, in lower case
	 * @return {@code true} if all labels are the same, but for those that may be any
	 */
	boolean matches(String origin) {
		OriginPattern other = split(origin);
		if (!this.before.equals(other.before) || this.labels.length != other.labels.length) {
			return false;
		}
		for (int i = 0; i < this.labels.length; i++) {
			boolean same = this.labels[i].equals(ANY) ? isLabel(other.labels[i])
					: this.labels[i].equals(other.labels[i]);
			if (!same) {
				return false;
			}
		}
		return true;
	}

	private static boolean isLabel(String text) {
		return !text.isEmpty() && text.chars()
			.allMatch((character) -> (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9')
					|| character == '-' || character == '_');
	}

}
