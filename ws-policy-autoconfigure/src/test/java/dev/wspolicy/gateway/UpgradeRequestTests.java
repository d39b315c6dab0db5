package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;

import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

/**
 * Tests for upgrade requests of clients, valid or not.
 */
class UpgradeRequestTests extends AbstractUpgradeTests {

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

	private static AbstractStringAssert<?> assertThatJson(RawResponse response) {
		assertThatCode(() -> JsonMapper.shared().readTree(response.body())).doesNotThrowAnyException();
		return assertThat(response.bodyAsText());
	}

	@ParameterizedTest
	@ValueSource(strings = { "12", "8", "0", "14", "x" })
	void wrongVersion(String version) {
		RawResponse response = client("ws").replace("Sec-WebSocket-Version", version).exchange();
		assertThat(response.status()).isEqualTo(426);
		assertThat(response.headers().all("Sec-WebSocket-Version")).containsExactly("13");
		assertThatJson(response).contains("\"message\":\"Sec-WebSocket-Version is not 13\"");
	}

	@Test
	void plainGetOnAWebSocketRoute() {
		RawResponse response = client("ws").withoutUpgrade().exchange();
		assertThat(response.status()).isEqualTo(426);
		assertThat(response.headers().all("Sec-WebSocket-Version")).containsExactly("13");
		assertThat(response.headers().all("Upgrade")).containsExactly("websocket");
		assertThatJson(response).contains("\"message\":\"The request has no 'Upgrade: websocket'");
	}

	@Test
	void plainGetOnAnHttpRouteIsPlainHttp() {
		try (ClientHandshake client = client("http").withoutUpgrade().start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().contains("Upgrade")).isFalse();
			// No other test is to get this connection from the pool
			handshake.refuse(200, Map.of("Connection", "close"), "hello".getBytes(StandardCharsets.UTF_8));
			assertThat(client.response().bodyAsText()).isEqualTo("hello");
		}
	}

	@Test
	void upgradeOnAnHttpRouteIsAWebSocket() {
		exchangeOneMessage(client("http"));
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
	void clientMayRetryAfterARefusal() {
		assertThat(client("ws").replace("Sec-WebSocket-Version", "7").exchange().status()).isEqualTo(426);
		exchangeOneMessage(client("ws"));
	}

	@Test
	void disabledPipeline() {
		assertThat(client("closed").exchange().status()).isEqualTo(503);
		assertThat(refusals().poll()).isEqualTo(503);
	}

}
