package dev.wspolicy.gateway;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

class PassThroughTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with().routes("ws");

	@Test
	void textAndCloseAreRelayed() {
		try (RawSession session = gateway.open("ws/a")) {
			RawPeer client = session.client();
			RawPeer server = session.upstream();
			WireFrame hello = WireFrame.text("hello").mask(0x01020304);
			client.send(hello);
			assertThat(server.receiveFrame()).isEqualTo(hello);
			server.send(WireFrame.text("world"));
			assertThat(client.receiveFrame()).isEqualTo(WireFrame.text("world"));
			client.send(WireFrame.close(4001, "bye").masked());
			WireFrame close = server.receiveFrame();
			assertThat(close.closeCode()).isEqualTo(4001);
			assertThat(close.closeReason()).isEqualTo("bye");
			server.send(WireFrame.close(4001, "bye"));
			assertThat(client.receiveFrame().closeCode()).isEqualTo(4001);
			client.expectEof();
			server.close();
		}
		gateway.awaitNoSessions();
	}

}
