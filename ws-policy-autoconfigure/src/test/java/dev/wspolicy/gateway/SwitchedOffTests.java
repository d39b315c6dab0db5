package dev.wspolicy.gateway;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * With {@code ws-policy.enabled=false} Gateway proxies WebSockets as it does by itself.
 */
class SwitchedOffTests {

	private static RawUpstream upstream;

	private static TestGateway gateway;

	@BeforeAll
	static void start() {
		upstream = RawUpstream.start();
		gateway = TestGateway.with()
			.set("ws-policy.enabled", "false")
			.set("ws-policy.pipelines.chat.inbound[0]", "no-such-policy")
			.route("plain", upstream.uri())
			.route("chat", upstream.uri(), "WsPolicy=chat")
			.route("unknown", upstream.uri(), "WsPolicy=no-such-pipeline")
			.start();
	}

	@AfterAll
	static void stop() {
		gateway.close();
		upstream.close();
	}

	@Test
	void stockGatewayProxies() {
		for (String route : new String[] { "plain", "chat", "unknown" }) {
			try (ClientHandshake handshake = gateway.client().path("/" + route).start()) {
				// Before the upstream was asked, as is its way
				RawPeer client = handshake.connected();
				RawPeer server = upstream.accept().acceptWebSocket();
				client.send(WireFrame.text("there").masked());
				assertThat(server.receiveFrame().payloadAsText()).isEqualTo("there");
				server.send(WireFrame.text("back"));
				assertThat(client.receiveFrame().payloadAsText()).isEqualTo("back");
				client.send(WireFrame.close(1000).masked());
				assertThat(server.receiveFrame().closeCode()).isEqualTo(1000);
				server.close();
			}
		}
	}

}
