package dev.wspolicy.gateway;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for upstreams and clients that fail during an upgrade.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class UpstreamFailureTests extends AbstractUpgradeTests {

	@ParameterizedTest
	@ValueSource(strings = { "nowhere", "unresolvable" })
	void unreachable(String route) {
		assertThat(client(route).exchange().status()).isEqualTo(502);
		assertThat(refusals().poll()).isEqualTo(502);
		assertThat(refusals().poll()).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "invalid-name, x", "invalid-value, a%0D%0AX-Other:%20b", "invalid-value, a%0AX-Other:%20b",
			"invalid-protocol, a%0D%0AX-Other:%20b" })
	void invalidRequestHeader(String route, String path, CapturedOutput output) {
		assertThat(client(route + "/" + path).exchange().status()).isEqualTo(502);
		assertThat(refusals().poll()).isEqualTo(502);
		assertThat(refusals().poll()).isNull();
		assertToldOnce(output, route);
	}

	@Test
	void upstreamWithoutTls(CapturedOutput output) {
		try (ClientHandshake client = client("tls").start(); RawPeer server = upstream.acceptConnection()) {
			server.send("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
			assertThat(client.response().status()).isEqualTo(502);
			server.drainToEnd();
		}
		assertToldOnce(output, "tls");
		assertThat(output).as("what the upstream has sent").doesNotContain("485454502f");
	}

	static Stream<Arguments> badAnswers() {
		return Stream
			.of("wrong accept key", "no upgrade", "no connection", "subprotocol not offered", "extension not offered",
					"closed", "reset", "garbage", "two subprotocols")
			.map(Arguments::of);
	}

	@ParameterizedTest
	@MethodSource("badAnswers")
	void invalidResponse(String what, CapturedOutput output) {
		try (ClientHandshake client = client("ws").subprotocol("chat", "v2").start()) {
			UpstreamHandshake handshake = upstream.accept();
			switch (what) {
				case "wrong accept key" ->
					handshake.acceptKeyOverride("AAAAAAAAAAAAAAAAAAAAAAAAAAA=").acceptWebSocket();
				case "no upgrade" ->
					handshake.answer("HTTP/1.1 101 x\r\nConnection: Upgrade\r\n\r\n".getBytes(StandardCharsets.UTF_8));
				case "no connection" ->
					handshake.answer("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n".getBytes(StandardCharsets.UTF_8));
				case "subprotocol not offered" -> handshake.subprotocol("v3").acceptWebSocket();
				case "two subprotocols" -> handshake.subprotocol("chat").subprotocol("v2").acceptWebSocket();
				case "extension not offered" ->
					handshake.header("Sec-WebSocket-Extensions", "permessage-deflate").acceptWebSocket();
				case "closed" -> handshake.closeWithoutAnswer();
				case "reset" -> handshake.peer().reset();
				case "garbage" -> handshake.answer("SSH-2.0-OpenSSH\r\n\r\n".getBytes(StandardCharsets.UTF_8));
				default -> throw new IllegalArgumentException(what);
			}
			assertThat(client.response().status()).isEqualTo(502);
			if (!what.equals("closed") && !what.equals("reset")) {
				handshake.peer().expectClosed();
			}
		}
		assertThat(refusals().poll()).isEqualTo(502);
		assertThat(refusals().poll()).isNull();
		assertToldOnce(output, "ws");
	}

	/** Logged by ws-policy, on a single line, and not by any other component. */
	private static void assertToldOnce(CapturedOutput output, String route) {
		gateway.awaitNoSessions();
		assertThat(output.toString().lines().filter((line) -> line.matches(".* (WARN|ERROR) +\\[reactor-http.*")))
			.singleElement(InstanceOfAssertFactories.STRING)
			.contains("Route '" + route + "': no WebSocket upstream at");
		assertThat(output).doesNotContain("\tat ");
	}

	@Test
	void noResponse() {
		try (ClientHandshake client = client("hasty").start()) {
			RawPeer server = upstream.acceptConnection();
			assertThat(client.response().status()).isEqualTo(504);
			server.drainToEnd();
		}
		assertThat(refusals().poll()).isEqualTo(504);
		assertThat(refusals().poll()).isNull();
	}

	@Test
	void clientDisconnectsDuringTheDial(CapturedOutput output) {
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			client.peer().close();
			handshake.peer().expectClosed();
		}
		assertThat(output).doesNotContain("onErrorDropped");
	}

	@Test
	void clientDisconnectsBeforeTheResponse() {
		for (int i = 0; i < 20; i++) {
			try (ClientHandshake client = client("ws").start()) {
				UpstreamHandshake handshake = upstream.accept();
				client.peer().reset();
				try {
					handshake.acceptWebSocket();
				}
				catch (UncheckedIOException ex) {
					// The gateway may have been faster
					continue;
				}
				awaitEnd(handshake.peer());
			}
		}
		gateway.awaitNoSessions();
	}

	@Test
	void upstreamDisconnectsAfterItsResponse() {
		for (int i = 0; i < 20; i++) {
			try (ClientHandshake client = client("ws").start()) {
				UpstreamHandshake handshake = upstream.accept();
				handshake.glue(WireFrame.text("last")).acceptWebSocket();
				handshake.peer().close();
				RawPeer peer = client.connected();
				assertThat(peer.receiveFrame().payloadAsText()).isEqualTo("last");
				assertThat(peer.receiveFrame().closeCode()).isEqualTo(1011);
			}
		}
	}

	private static void awaitEnd(RawPeer peer) {
		if (!peer.endsNext()) {
			// A close frame came first
			peer.shutdownOutput();
			peer.drainToEnd();
		}
	}

}
