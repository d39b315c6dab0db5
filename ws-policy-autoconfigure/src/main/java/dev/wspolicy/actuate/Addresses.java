package dev.wspolicy.actuate;

import java.net.InetAddress;
import java.net.InetSocketAddress;

import org.jspecify.annotations.Nullable;

/**
 * Socket addresses as operators read and write them. Asks no name server.
 */
final class Addresses {

	private Addresses() {
	}

	/** The address without the port. */
	static @Nullable String host(@Nullable InetSocketAddress address) {
		if (address == null) {
			return null;
		}
		InetAddress ip = address.getAddress();
		if (ip == null) {
			return address.getHostString();
		}
		String host = ip.getHostAddress();
		int scope = host.indexOf('%');
		return (scope < 0) ? host : host.substring(0, scope);
	}

	/** The address with the port. */
	static @Nullable String hostAndPort(@Nullable InetSocketAddress address) {
		String host = host(address);
		if (address == null || host == null) {
			return null;
		}
		return ((host.indexOf(':') < 0) ? host : "[" + host + "]") + ":" + address.getPort();
	}

}
