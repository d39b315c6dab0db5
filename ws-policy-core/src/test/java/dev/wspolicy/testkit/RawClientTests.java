package dev.wspolicy.testkit;

import java.util.Arrays;

import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@link RawClient} against reactor-netty's WebSocket server, which others wrote.
 */
@ExtendWith(LeakWatch.class)
class RawClientTests {

	private static DisposableServer server;

	@BeforeAll
	static void startServer() {
		server = HttpServer.create()
			.port(0)
			.route((routes) -> routes
				.ws("/echo", RawClientTests::echo, WebsocketServerSpec.builder().maxFramePayloadLength(100_000).build())
				.ws("/chat", RawClientTests::echo, WebsocketServerSpec.builder().protocols("chat").build())
				.get("/length", (request, response) -> response.sendString(Mono.just("Hello")))
				.get("/chunks", (request, response) -> response.sendString(Flux.just("Hello", ", ", "chunks")))
				.get("/empty", (request, response) -> response.status(204).send())
				.get("/cookies",
						(request, response) -> response.addHeader("Set-Cookie", "a=1")
							.addHeader("Set-Cookie", "b=2")
							.status(401)
							.sendString(Mono.just(request.requestHeaders().get("X-Asked", "nothing"))))
				.head("/length", (request, response) -> response.header("Content-Length", "5").send()))
			.bindNow();
	}

	@AfterAll
	static void stopServer() {
		server.disposeNow();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 125, 126, 127, 65_535, 65_536, 99_999 })
	void echoOfAnyLength(int length) {
		byte[] payload = new byte[length];
		Arrays.fill(payload, (byte) 'x');
		try (RawPeer client = client("/echo").connect()) {
			client.send(WireFrame.text(payload).masked());
			assertThat(client.receiveFrame()).isEqualTo(WireFrame.text(payload));
			client.send(WireFrame.binary(payload).mask(0x01020304));
			assertThat(client.receiveFrame()).isEqualTo(WireFrame.binary(payload));
		}
	}

	@Test
	void echoOfFragmentsInPieces() {
		try (RawPeer client = client("/echo").connect()) {
			WireFrame[] fragments = WireFrame.text("Hello, fragments").fragments(6);
			for (WireFrame fragment : fragments) {
				client.sendByteByByte(fragment.masked());
			}
			assertThat(client.receiveFrames(3)).containsExactly(fragments);
		}
	}

	@Test
	void pingAndClosingHandshake() {
		try (RawPeer client = client("/echo").connect()) {
			client.send(WireFrame.ping("are you there").masked());
			assertThat(client.receiveFrame()).isEqualTo(WireFrame.pong("are you there"));
			client.send(WireFrame.close(1000, "bye").masked());
			assertThat(client.receiveFrame()).isEqualTo(WireFrame.close(1000, "bye"));
			client.expectEof();
		}
	}

	@Test
	void subprotocolIsAgreed() {
		try (RawPeer client = client("/chat").subprotocol("other", "chat").connect()) {
			assertThat(client.handshakeResponse().status()).isEqualTo(101);
			assertThat(client.handshakeResponse().headers().all("sec-websocket-protocol")).containsExactly("chat");
		}
	}

	@Test
	void wrongHandshakeIsRefused() {
		assertThat(client("/echo").withoutUpgrade().exchange().status()).isEqualTo(404);
		assertThat(client("/echo").method("POST").exchange().status()).isEqualTo(404);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> client("/length").connect())
			.withMessageContainingAll("Expected status 101 in this response:", "200 OK", "Hello");
	}

	@Test
	void bodiesOfEachKind() {
		assertThat(client("/length").exchange().bodyAsText()).isEqualTo("Hello");
		RawResponse chunks = client("/chunks").exchange();
		assertThat(chunks.headers().first("Transfer-Encoding")).isEqualTo("chunked");
		assertThat(chunks.bodyAsText()).isEqualTo("Hello, chunks");
		RawResponse untilEof = client("/chunks").version("HTTP/1.0").withoutUpgrade().exchange();
		assertThat(untilEof.headers().contains("Content-Length")).isFalse();
		assertThat(untilEof.bodyAsText()).isEqualTo("Hello, chunks");
		assertThat(client("/empty").exchange().body()).isEmpty();
		assertThat(client("/length").method("HEAD").withoutUpgrade().exchange().body()).isEmpty();
	}

	@Test
	void headersAreMany() {
		RawResponse response = client("/cookies").header("X-Asked", "something").exchange();
		assertThat(response.status()).isEqualTo(401);
		assertThat(response.reason()).isEqualTo("Unauthorized");
		assertThat(response.headers().all("Set-Cookie")).containsExactly("a=1", "b=2");
		assertThat(response.bodyAsText()).isEqualTo("something");
		assertThat(client("/cookies").header("X-Asked", "some").without("X-Asked").exchange().bodyAsText())
			.isEqualTo("nothing");
	}

	@Test
	void acceptKeyOfTheRfc() {
		assertThat(UpstreamHandshake.acceptKey("dGhlIHNhbXBsZSBub25jZQ==")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	}

	private static Publisher<Void> echo(WebsocketInbound in, WebsocketOutbound out) {
		return in.receiveFrames().map(WebSocketFrame::retain).concatMap(out::sendObject);
	}

	private static RawClient client(String path) {
		return RawClient.to(server.port()).path(path);
	}

}
