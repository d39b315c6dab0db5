package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Where a proxy works.
 *
 * @param port the port it listens on
 * @param upstreamPort the port it relays to
 * @param directory a directory of its own
 * @param jvmArgs how large a JVM's heap is
 * @param tls which legs are encrypted, or {@code null} for none
 * @param compressed whether messages are compressed
 */
record Site(int port, int upstreamPort, Path directory, List<String> jvmArgs, @Nullable Tls tls, boolean compressed) {

	/** Whether the leg to the upstream is encrypted. */
	boolean encryptsUpstream() {
		return this.tls != null && this.tls.upstream();
	}

	static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
