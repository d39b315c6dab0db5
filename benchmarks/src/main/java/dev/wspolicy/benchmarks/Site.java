package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a proxy works.
 *
 * @param port the port it listens on
 * @param upstreamPort the port it relays to
 * @param directory a directory of its own
 * @param jvmArgs how large a JVM's heap is
 */
record Site(int port, int upstreamPort, Path directory, List<String> jvmArgs) {

	static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
