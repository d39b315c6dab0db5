package dev.wspolicy.gateway;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.SessionRecorder;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that Gateway proxies WebSockets by itself with {@code ws-policy.enabled=false} or
 * without the routing filter.
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
				// Gateway sends its 101 before it dials the upstream
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

	@Test
	void listenersAreNotNotifiedWithoutTheRoutingFilter() {
		SessionRecorder recorder = new SessionRecorder();
		try (TestGateway unrouted = TestGateway.with()
			.bean(SessionRecorder.class, recorder)
			.set("spring.cloud.gateway.server.webflux.global-filter.ws-policy-routing.enabled", "false")
			.route("plain", upstream.uri())
			.start()) {
			try (ClientHandshake handshake = unrouted.client().path("/plain").start()) {
				RawPeer client = handshake.connected();
				RawPeer server = upstream.accept().acceptWebSocket();
				client.send(WireFrame.text("there").masked());
				assertThat(server.receiveFrame().payloadAsText()).isEqualTo("there");
				assertThat(recorder.refused()).isEmpty();
				assertThat(recorder.opened()).isZero();
				server.close();
			}
		}
	}

}
