package dev.wspolicy.session;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;

import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Brings the addresses of clients into one form, however a proxy or an operator writes
 * them. An IPv4 address mapped into IPv6 becomes the IPv4 address. Never queries a name
 * server.
 */
public final class ClientAddress {

	/**
	 * The default number of leading bits of an IPv6 address that identify one client:
	 * providers assign /64 networks, and a client can use any address in its own.
	 */
	public static final String DEFAULT_IPV6_PREFIX = "64";

	private static final int IPV6_BITS = 128;

	/** What a proxy sends that does not know its client (RFC 7239, section 6.2). */
	private static final String UNKNOWN = "unknown";

	private ClientAddress() {
	}

	/**
	 * Resolves an address that was read from a forwarded header, if it is numeric.
	 * @param address the address, possibly unresolved
	 * @return an address with an {@link InetAddress}, or an unresolved one if its host is
	 * a name; {@code null} for {@code null}
	 */
	public static @Nullable InetSocketAddress resolved(@Nullable InetSocketAddress address) {
		if (address == null) {
			return null;
		}
		InetAddress ip = address.getAddress();
		if (ip != null) {
			InetAddress unmapped = unmapped(ip);
			return unmapped.equals(ip) ? address : new InetSocketAddress(unmapped, address.getPort());
		}
		String text = address.getHostString();
		InetAddress parsed = parse(text);
		if (parsed != null) {
			return new InetSocketAddress(parsed, address.getPort());
		}
		// Spring leaves the port in the host, and puts brackets around both.
		String bare = withoutBrackets(text);
		int colon = bare.lastIndexOf(':');
		parsed = (colon > 0) ? parse(bare.substring(0, colon)) : null;
		return (parsed != null) ? new InetSocketAddress(parsed, port(bare.substring(colon + 1), address.getPort()))
				: address;
	}

	/**
	 * Returns the host of an address.
	 * @param address the address
	 * @return the numeric address without a zone, or the name in lower case; {@code null}
	 * if unknown
	 */
	public static @Nullable String host(@Nullable InetSocketAddress address) {
		InetSocketAddress resolved = resolved(address);
		if (resolved == null) {
			return null;
		}
		InetAddress ip = resolved.getAddress();
		return (ip != null) ? text(ip) : name(resolved.getHostString());
	}

	/**
	 * Returns what all addresses of one client have in common.
	 * @param address the address
	 * @param ipv6Prefix how many leading bits of an IPv6 address identify a client
	 * @return an IPv4 address, an IPv6 network or a name; {@code null} if unknown
	 */
	public static @Nullable String network(@Nullable InetSocketAddress address, int ipv6Prefix) {
		InetSocketAddress resolved = resolved(address);
		InetAddress ip = (resolved != null) ? resolved.getAddress() : null;
		if (!(ip instanceof Inet6Address)) {
			return host(resolved);
		}
		byte[] bytes = ip.getAddress();
		for (int i = 0; i < bytes.length; i++) {
			int bits = Math.min(Math.max(ipv6Prefix - i * Byte.SIZE, 0), Byte.SIZE);
			bytes[i] &= (byte) (0xff << (Byte.SIZE - bits));
		}
		return text(ofBytes(bytes)) + "/" + ipv6Prefix;
	}

	/**
	 * Checks the setting {@code ipv6-prefix}.
	 * @param ipv6Prefix the number of bits
	 * @return the same number
	 * @throws IllegalArgumentException unless it is 1 to 128
	 */
	public static int checkIpv6Prefix(int ipv6Prefix) {
		if (ipv6Prefix < 1 || ipv6Prefix > IPV6_BITS) {
			throw new IllegalArgumentException(
					"ipv6-prefix: " + ipv6Prefix + " (expected: 1 to " + IPV6_BITS + " bits)");
		}
		return ipv6Prefix;
	}

	/**
	 * Returns the one form of a host.
	 * @param host a numeric address in any notation, or a name
	 * @return what {@link #host} returns for the same host
	 */
	public static String canonical(String host) {
		InetAddress ip = parse(host.strip());
		return (ip != null) ? text(ip) : host.strip().toLowerCase(Locale.ROOT);
	}

	private static @Nullable InetAddress parse(String text) {
		byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
		return (bytes != null) ? ofBytes(bytes) : null;
	}

	/** The JDK recognizes a mapped address only without a zone. */
	private static InetAddress unmapped(InetAddress ip) {
		if (!(ip instanceof Inet6Address)) {
			return ip;
		}
		InetAddress plain = ofBytes(ip.getAddress());
		return (plain instanceof Inet6Address) ? ip : plain;
	}

	private static InetAddress ofBytes(byte[] bytes) {
		try {
			return InetAddress.getByAddress(bytes);
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException("neither 4 nor 16 bytes", ex);
		}
	}

	private static String text(InetAddress ip) {
		String host = ip.getHostAddress();
		int zone = host.indexOf('%');
		return (zone < 0) ? host : host.substring(0, zone);
	}

	private static @Nullable String name(String name) {
		return (name.isBlank() || UNKNOWN.equalsIgnoreCase(name)) ? null : name.toLowerCase(Locale.ROOT);
	}

	private static String withoutBrackets(String text) {
		return (text.startsWith("[") && text.endsWith("]")) ? text.substring(1, text.length() - 1) : text;
	}

	private static int port(String text, int otherwise) {
		try {
			int port = Integer.parseInt(text);
			return (port >= 0 && port <= 0xffff) ? port : otherwise;
		}
		catch (NumberFormatException ex) {
			return otherwise;
		}
	}

}
