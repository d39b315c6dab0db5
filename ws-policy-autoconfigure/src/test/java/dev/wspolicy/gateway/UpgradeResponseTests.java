package dev.wspolicy.gateway;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawHeaders;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the response to an upgrade that the upstream accepts, and the frames that
 * follow it.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class UpgradeResponseTests extends AbstractUpgradeTests {

	@Test
	void framesSentWithThe101AreRelayed() {
		byte[] frames = WireFrame.encodeAll(WireFrame.text("welcome"), WireFrame.ping("x"),
				WireFrame.binary(new byte[70_000]));
		for (int cut : new int[] { 0, 1, 5, 12, 60_000, 0 }) {
			try (ClientHandshake client = client("ws").start()) {
				UpstreamHandshake handshake = upstream.accept();
				RawPeer server = handshake.glue(Arrays.copyOf(frames, frames.length - cut)).acceptWebSocket();
				RawPeer peer = client.connected();
				server.send(Arrays.copyOfRange(frames, frames.length - cut, frames.length));
				assertThat(peer.receiveBytes(frames.length)).isEqualTo(frames);
				server.close();
			}
		}
	}

	@Test
	void closeSentWithThe101() {
		try (ClientHandshake client = client("ws").start()) {
			RawPeer server = upstream.accept().glue(WireFrame.close(4003, "full")).acceptWebSocket();
			RawPeer peer = client.connected();
			assertThat(peer.receiveFrame()).isEqualTo(WireFrame.close(4003, "full"));
			peer.send(WireFrame.close(4003).masked());
			assertThat(server.receiveFrame().closeCode()).isEqualTo(4003);
			peer.expectEof();
			server.close();
		}
	}

	@Test
	void responseContainsTheHeadersOfTheUpstream() {
		try (ClientHandshake client = client("ws").start()) {
			RawPeer server = upstream.accept()
				.header("Set-Cookie", "a=1; Path=/")
				.header("Set-Cookie", "b=2")
				.header("X-Custom", "yes")
				.header("Keep-Alive", "timeout=5")
				.acceptWebSocket();
			RawPeer peer = client.connected();
			RawResponse response = peer.handshakeResponse();
			assertThat(response.headers().all("Set-Cookie")).containsExactly("a=1; Path=/", "b=2");
			assertThat(response.headers().all("X-Custom")).containsExactly("yes");
			assertThat(response.headers().all("Upgrade")).hasSize(1);
			assertThat(response.headers().all("Connection")).hasSize(1);
			assertThat(response.headers().all("Sec-WebSocket-Extensions")).isEmpty();
			assertThat(response.headers().all("Keep-Alive")).isEmpty();
			assertThat(response.headers().all("Transfer-Encoding")).isEmpty();
			server.close();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "chat", "v2" })
	void upstreamSelectsTheSubprotocol(String chosen) {
		try (ClientHandshake client = client("ws").subprotocol("chat", "v2").start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().all("Sec-WebSocket-Protocol")).containsExactly("chat, v2");
			RawPeer server = handshake.subprotocol(chosen).acceptWebSocket();
			RawPeer peer = client.connected();
			assertThat(peer.handshakeResponse().headers().all("Sec-WebSocket-Protocol")).containsExactly(chosen);
			exchangeOneMessage(peer, server);
			server.close();
		}
	}

	@Test
	void upstreamSelectsNoSubprotocol() {
		try (ClientHandshake client = client("ws").subprotocol("chat").start()) {
			RawPeer server = upstream.accept().acceptWebSocket();
			RawPeer peer = client.connected();
			assertThat(peer.handshakeResponse().headers().all("Sec-WebSocket-Protocol")).isEmpty();
			exchangeOneMessage(peer, server);
			server.close();
		}
	}

	@Test
	void subprotocolsInTwoHeaders() {
		try (ClientHandshake client = client("ws").header("Sec-WebSocket-Protocol", "a")
			.header("Sec-WebSocket-Protocol", "b,c")
			.start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().all("Sec-WebSocket-Protocol")).containsExactly("a, b, c");
			RawPeer server = handshake.subprotocol("c").acceptWebSocket();
			assertThat(client.response().headers().all("Sec-WebSocket-Protocol")).containsExactly("c");
			server.close();
		}
	}

	@Test
	void filterRemovesTheSubprotocols() {
		try (ClientHandshake client = client("no-protocol").subprotocol("chat", "bearer.secret").start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().contains("Sec-WebSocket-Protocol")).isFalse();
			RawPeer server = handshake.acceptWebSocket();
			RawPeer peer = client.connected();
			assertThat(peer.handshakeResponse().headers().contains("Sec-WebSocket-Protocol")).isFalse();
			exchangeOneMessage(peer, server);
			server.close();
		}
	}

	@ParameterizedTest
	@CsvSource({ "inner-protocol, chat, ", "inner-protocol, inner, inner", "told-protocol, chat, chat",
			"told-protocol, x, " })
	void filterReplacesTheSubprotocols(String route, String offered, String told) {
		try (ClientHandshake client = client(route).subprotocol(offered, "bearer.secret").start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().all("Sec-WebSocket-Protocol")).containsExactly("inner");
			RawPeer server = handshake.subprotocol("inner").acceptWebSocket();
			RawPeer peer = client.connected();
			assertThat(peer.handshakeResponse().headers().first("Sec-WebSocket-Protocol")).isEqualTo(told);
			assertThat(gateway.session(route).upgrade().subprotocol()).isEqualTo("inner");
			assertThat(gateway.session(route).upgrade().offeredSubprotocols()).containsExactly(offered,
					"bearer.secret");
			exchangeOneMessage(peer, server);
			server.close();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions" })
	void emptyResponseHeaderIsIgnored(String name) {
		try (ClientHandshake client = client("ws").subprotocol("chat").start()) {
			RawPeer server = upstream.accept().header(name, "").acceptWebSocket();
			RawPeer peer = client.connected();
			assertThat(peer.handshakeResponse().headers().contains(name)).isFalse();
			assertThat(gateway.session("ws").upgrade().subprotocol()).isNull();
			exchangeOneMessage(peer, server);
			server.close();
		}
	}

	/** Headers that real servers send with their 101. */
	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			Content-Length         | 0
			Content-Length         | 5
			Transfer-Encoding      | chunked
			Connection             | close
			Connection             | keep-alive, X-Odd
			Upgrade                | chat
			Sec-WebSocket-Version  | 13
			Proxy-Authenticate     | Basic
			""")
	void unusualResponseHeader(String name, String value) {
		try (ClientHandshake client = client("ws").start()) {
			RawPeer server = upstream.accept().header(name, value).header("X-Odd", "1").acceptWebSocket();
			RawPeer peer = client.connected();
			RawHeaders headers = peer.handshakeResponse().headers();
			assertThat(headers.all("Connection")).containsExactly("Upgrade");
			assertThat(headers.all("Upgrade")).containsExactly("websocket");
			assertThat(headers.contains("X-Odd")).isEqualTo(!value.contains("X-Odd"));
			if (!List.of("Connection", "Upgrade").contains(name)) {
				assertThat(headers.contains(name)).isFalse();
			}
			exchangeOneMessage(peer, server);
			server.close();
		}
	}

}
