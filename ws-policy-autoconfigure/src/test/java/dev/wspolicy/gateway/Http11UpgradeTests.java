package dev.wspolicy.gateway;

import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what is particular to upgrades over HTTP/1.1: the key, the headers of the
 * connection, the forms of the target, and bodies.
 */
class Http11UpgradeTests extends AbstractUpgradeTests {

	static Stream<Arguments> malformed() {
		return Stream.of(Arguments.of("Sec-WebSocket-Key is missing", client("ws").without("Sec-WebSocket-Key")),
				Arguments.of("There is more than one Sec-WebSocket-Key",
						client("ws").header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")),
				Arguments.of("Sec-WebSocket-Key is not 16 bytes in Base64",
						client("ws").replace("Sec-WebSocket-Key", "c2hvcnQ=")),
				Arguments.of("Sec-WebSocket-Key is not 16 bytes in Base64",
						client("ws").replace("Sec-WebSocket-Key", "!!!!!!!!!!!!!!!!!!!!!!==")),
				Arguments.of("The request has no 'Connection: Upgrade'", client("ws").without("Connection")),
				Arguments.of("The request has no 'Connection: Upgrade'",
						client("ws").replace("Connection", "keep-alive")),
				Arguments.of("An upgrade request needs HTTP/1.1", client("ws").version("HTTP/1.0")),
				Arguments.of("The method of an upgrade request must be GET",
						client("ws").method("POST").header("Content-Length", "0")));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("malformed")
	void malformedHandshake(String problem, RawClient client) {
		RawResponse response = client.exchange();
		assertThat(response.status()).isEqualTo(400);
		assertThat(response.headers().all("Content-Type")).containsExactly("application/json");
		assertThatJson(response).contains("\"path\":\"/ws\",\"status\":400,\"error\":\"Bad Request\"",
				"\"message\":\"" + problem + "\"}");
		assertThat(refusals().poll()).isEqualTo(400);
		assertThat(refusals().poll()).isNull();
	}

	/** By the server, which might have to switch to HTTP/2. */
	@Test
	void bodyIsRefusedWhereHttp2IsEnabledWithoutTls() {
		int connections = upstream.acceptedConnections();
		assertThat(client("ws").header("Content-Length", "10").exchange().status()).isEqualTo(413);
		assertThat(upstream.acceptedConnections()).isEqualTo(connections);
	}

	@Test
	void connectionWithOtherTokensAndHeaderNamesInAnyCase() {
		exchangeOneMessage(client("ws").replace("Connection", "keep-alive, UPGRADE").replace("Upgrade", "WebSocket"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			ws   | websocket, websocket |
			ws   | h2c, websocket       |
			http | websocket,h2c        |
			ws   | h2c                  | websocket
			http | websocket            | WebSocket
			""")
	void upgradeThatListsProtocols(String route, String line, String nextLine) {
		RawClient client = client(route).replace("Upgrade", line);
		exchangeOneMessage((nextLine != null) ? client.header("Upgrade", nextLine) : client);
	}

	/** Headers that real clients and proxies send. */
	@ParameterizedTest
	@ValueSource(
			strings = { "close, Upgrade", "keep-alive, Upgrade, X-Odd", "Upgrade, Sec-WebSocket-Key", "upgrade,," })
	void connectionWithOtherOptions(String connection) {
		try (ClientHandshake client = client("ws").replace("Connection", connection).header("X-Odd", "1").start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().all("Connection")).containsExactly("Upgrade");
			assertThat(handshake.headers().contains("X-Odd")).isEqualTo(!connection.contains("X-Odd"));
			RawPeer server = handshake.acceptWebSocket();
			exchangeOneMessage(client.connected(), server);
			server.close();
		}
	}

	@ParameterizedTest
	@CsvSource({ "http://localhost/ws/x?y=z, /ws/x?y=z", "ws://localhost:1/ws/x?y=z, /ws/x?y=z", "/ws/x?y#z, /ws/x?y" })
	void absoluteTarget(String sent, String received) {
		try (ClientHandshake client = gateway.client().path(sent).start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.target()).isEqualTo(received);
			assertThat(handshake.headers().all("Host")).containsExactly("localhost:" + upstream.port());
			RawPeer server = handshake.acceptWebSocket();
			exchangeOneMessage(client.connected(), server);
			server.close();
		}
	}

	@Test
	void upgradeToSomethingElse() {
		assertThat(client("ws").replace("Upgrade", "h2c, websockets").exchange().status()).isEqualTo(426);
	}

	@Test
	void headersAreSpelledAsInTheRfc() {
		try (ClientHandshake client = client("ws").subprotocol("chat").start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().toString()).contains("Upgrade: websocket\r\n", "Connection: Upgrade\r\n",
					"Sec-WebSocket-Key: ", "Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Protocol: chat\r\n");
			RawPeer server = handshake.subprotocol("chat").acceptWebSocket();
			assertThat(client.connected().handshakeResponse().headers().toString()).contains("Upgrade: websocket\r\n",
					"Connection: Upgrade\r\n", "Sec-WebSocket-Accept: ", "Sec-WebSocket-Protocol: chat\r\n");
			server.close();
		}
	}

}
