package dev.wspolicy.actuate;

import java.net.InetSocketAddress;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.ClientAddress;

/**
 * Formats socket addresses for operators. Never performs a reverse DNS lookup.
 */
final class Addresses {

	private Addresses() {
	}

	/** Return the address without the port. */
	static @Nullable String host(@Nullable InetSocketAddress address) {
		return ClientAddress.host(address);
	}

	/** Return the address with the port. */
	static @Nullable String hostAndPort(@Nullable InetSocketAddress address) {
		return (address != null) ? hostAndPort(host(address), address.getPort()) : null;
	}

	/** Return the address with the port. */
	static @Nullable String hostAndPort(@Nullable String host, int port) {
		if (host == null) {
			return null;
		}
		return ((host.indexOf(':') < 0) ? host : "[" + host + "]") + ":" + port;
	}

}
