package dev.wspolicy.test;

import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections without sockets, of which a replay may open many thousands.
 */
class LocalConnectionTests {

	@Test
	void addressesAreUnique() {
		VirtualEventLoop loop = VirtualEventLoop.create();
		Set<SocketAddress> peers = new HashSet<>();
		for (int i = 0; i < 10; i++) {
			LocalConnection connection = LocalConnection.open(loop);
			SocketAddress peer = connection.peer().localAddress();
			assertThat(connection.gateway().remoteAddress()).isEqualTo(peer);
			assertThat(peer.toString()).doesNotStartWith("local:E");
			assertThat(peers.add(peer)).isTrue();
			connection.peer().close();
			loop.runTasks();
		}
	}

}
