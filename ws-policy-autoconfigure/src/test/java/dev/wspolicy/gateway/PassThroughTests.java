package dev.wspolicy.gateway;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class PassThroughTests {

	private static RawUpstream upstream;

	private static TestGateway gateway;

	@BeforeAll
	static void start() {
		upstream = RawUpstream.start();
		gateway = TestGateway.with().route("ws", upstream.uri()).start();
	}

	@AfterAll
	static void stop() {
		gateway.close();
		upstream.close();
	}

	@Test
	void textPassesBothWaysAndCloseIsRelayed() {
		try (RawSession session = RawSession.open(gateway.client().path("/ws/a"), upstream)) {
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
		await().until(() -> gateway.sessions().size() == 0);
	}

}
