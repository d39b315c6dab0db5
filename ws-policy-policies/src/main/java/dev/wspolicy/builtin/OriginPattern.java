package dev.wspolicy.builtin;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import dev.wspolicy.session.ClientAddress;

/**
 * A pattern of origins, in which a {@code *} matches exactly one label of the host, or
 * any port. Everything else must be equal. As in browsers, the default port of a scheme
 * is equivalent to no port.
 *
 * @param scheme the scheme; empty for the origin {@code null}
 * @param labels the labels of the host, or an IPv6 address in brackets
 * @param port the port; empty for none
 */
record OriginPattern(String scheme, List<String> labels, String port) {

	private static final String ANY = "*";

	private static final Map<String, String> DEFAULT_PORTS = Map.of("http", "80", "https", "443", "ws", "80", "wss",
			"443");

	private static final int MAX_PORT = 0xffff;

	private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");

	// A scheme, then labels, an IPv6 address or nothing, then an optional port; no path
	private static final Pattern VALID = Pattern
		.compile("null|[a-z][a-z0-9+.-]*://(\\[[0-9a-f:.]+]|(\\*|[a-z0-9_-]+)(\\.(\\*|[a-z0-9_-]+))*)?(:[0-9*]+)?");

	static OriginPattern of(String text) {
		String origin = text.toLowerCase(Locale.ROOT);
		OriginPattern pattern = parse(origin);
		if (!VALID.matcher(origin).matches() || !pattern.isUsable()) {
			throw new IllegalArgumentException("origins: '" + text + "' (expected: an origin such as "
					+ "https://app.example.com, or https://*.example.com, where * is one whole label but the last, or "
					+ "http://localhost:*, where it is any port)");
		}
		return pattern;
	}

	private static OriginPattern parse(String origin) {
		int host = origin.indexOf("://");
		if (host < 0) {
			return new OriginPattern("", List.of(origin), "");
		}
		String scheme = origin.substring(0, host);
		String authority = origin.substring(host + 3);
		int colon = authority.lastIndexOf(':');
		if (colon < 0 || authority.endsWith("]")) {
			return new OriginPattern(scheme, labels(authority), "");
		}
		String port = authority.substring(colon + 1);
		boolean none = port.equals(DEFAULT_PORTS.get(scheme));
		// A colon without a port matches nothing
		return new OriginPattern(scheme, labels(authority.substring(0, colon)),
				none ? "" : (port.isEmpty() ? ":" : port));
	}

	private static List<String> labels(String host) {
		if (host.startsWith("[") && host.endsWith("]")) {
			return List.of("[" + ClientAddress.canonical(host.substring(1, host.length() - 1)) + "]");
		}
		return Arrays.asList(host.split("\\.", -1));
	}

	/** Whether the pattern matches origins that browsers send, but not all of them. */
	private boolean isUsable() {
		String last = this.labels.get(this.labels.size() - 1);
		boolean open = last.equals(ANY) || last.isEmpty();
		boolean mayBeOpen = !DEFAULT_PORTS.containsKey(this.scheme) && this.labels.size() == 1 && this.port.isEmpty();
		return (!open || mayBeOpen) && (this.port.equals(ANY) || isPort(this.port));
	}

	/**
	 * Returns whether an origin matches this pattern.
	 * @param origin the value of the {@code Origin} header, in lower case
	 * @return {@code true} if all parts match
	 */
	boolean matches(String origin) {
		OriginPattern other = parse(origin);
		if (!this.scheme.equals(other.scheme) || this.labels.size() != other.labels.size() || !isPort(other.port)
				|| !(this.port.equals(ANY) || this.port.equals(other.port))) {
			return false;
		}
		for (int i = 0; i < this.labels.size(); i++) {
			String label = this.labels.get(i);
			boolean same = label.equals(ANY) ? isLabel(other.labels.get(i)) : label.equals(other.labels.get(i));
			if (!same) {
				return false;
			}
		}
		return true;
	}

	private static boolean isPort(String text) {
		return text.isEmpty() || (PORT.matcher(text).matches() && Integer.parseInt(text) <= MAX_PORT);
	}

	private static boolean isLabel(String text) {
		return !text.isEmpty() && text.chars()
			.allMatch((character) -> (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9')
					|| character == '-' || character == '_');
	}

}
