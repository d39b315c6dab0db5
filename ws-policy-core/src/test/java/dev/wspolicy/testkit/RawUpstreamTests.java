package dev.wspolicy.testkit;

import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLHandshakeException;

import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@link RawUpstream} under the JDK's HTTP and WebSocket client, which others wrote.
 */
class RawUpstreamTests {

	private final RawUpstream upstream = RawUpstream.start();

	private final HttpClient client = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.sslContext(TestCertificates.localhost().client())
		.build();

	@AfterEach
	void closeUpstream() {
		this.upstream.close();
	}

	@Test
	void abandonedConnectionsReachNobody() {
		try (ClientHandshake accepted = RawClient.to(this.upstream.port()).start();
				RawPeer server = this.upstream.acceptConnection();
				ClientHandshake waiting = RawClient.to(this.upstream.port()).start()) {
			this.upstream.abandonConnections();
			accepted.peer().expectClosed();
			waiting.peer().expectClosed();
			assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> server.send(new byte[1]));
		}
		ClientHandshake next = RawClient.to(this.upstream.port()).path("/next").start();
		assertThat(this.upstream.accept().target()).isEqualTo("/next");
		next.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void sessionWithAStranger(boolean tls) throws Exception {
		try (RawUpstream server = tls ? RawUpstream.start(TestCertificates.localhost().server())
				: RawUpstream.start()) {
			Recorder recorder = new Recorder();
			CompletableFuture<WebSocket> opening = this.client.newWebSocketBuilder()
				.header("X-Asked", "something")
				.subprotocols("chat", "other")
				.buildAsync(server.uri().resolve("/path?query"), recorder);
			UpstreamHandshake handshake = server.accept();
			assertThat(handshake.requestLine()).isEqualTo("GET /path?query HTTP/1.1");
			assertThat(handshake.target()).isEqualTo("/path?query");
			assertThat(handshake.headers().all("x-asked")).containsExactly("something");
			assertThat(handshake.headers().first("Sec-WebSocket-Protocol")).isEqualTo("chat, other");
			RawPeer peer = handshake.subprotocol("chat").glue(WireFrame.text("glued")).acceptWebSocket();
			WebSocket socket = opening.get(20, TimeUnit.SECONDS);
			assertThat(socket.getSubprotocol()).isEqualTo("chat");
			assertThat(recorder.next()).isEqualTo("text glued");
			socket.sendText("Hello", true).get(20, TimeUnit.SECONDS);
			WireFrame frame = peer.receiveFrame();
			assertThat(frame.isMasked()).isTrue();
			assertThat(frame.unmasked()).isEqualTo(WireFrame.text("Hello"));
			peer.sendByteByByte(WireFrame.binary(new byte[300]));
			assertThat(recorder.next()).isEqualTo("binary 300");
			peer.send(WireFrame.close(4000, "enough"));
			assertThat(recorder.next()).isEqualTo("close 4000 enough");
			assertThat(peer.receiveFrame().unmasked()).isEqualTo(WireFrame.close(4000));
			assertThat(server.acceptedConnections()).isEqualTo(1);
			assertThat(server.failures()).isEmpty();
		}
	}

	@Test
	void wrongAcceptKeyIsNoticedByBothClients() {
		CompletableFuture<WebSocket> opening = this.client.newWebSocketBuilder()
			.buildAsync(this.upstream.uri(), new Recorder());
		this.upstream.accept().acceptKeyOverride("wrong").acceptWebSocket();
		assertThat(opening).failsWithin(RawPeer.DEFAULT_TIMEOUT)
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(WebSocketHandshakeException.class);
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).start()) {
			this.upstream.accept().acceptKeyOverride("wrong").acceptWebSocket();
			assertThatExceptionOfType(AssertionError.class).isThrownBy(handshake::connected)
				.withMessageContaining("Expected one Sec-WebSocket-Accept: ");
		}
	}

	@Test
	void subprotocolThatWasNotOfferedIsNoticed() {
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).subprotocol("chat").start()) {
			this.upstream.accept().subprotocol("other").acceptWebSocket();
			assertThatExceptionOfType(AssertionError.class).isThrownBy(handshake::connected)
				.withMessageContaining("Expected a subprotocol that was offered");
		}
	}

	@Test
	void acceptanceWithCookies() {
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).start()) {
			this.upstream.accept().header("Set-Cookie", "a=1").acceptWebSocket(Map.of("Set-Cookie", "b=2"));
			assertThat(handshake.connected().handshakeResponse().headers().all("Set-Cookie")).containsExactly("a=1",
					"b=2");
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 20_000, 5_000_000 })
	void refusalOfAnyLength(int length) throws Exception {
		byte[] body = new byte[length];
		new Random(length).nextBytes(body);
		CompletableFuture<HttpResponse<byte[]>> response = get();
		this.upstream.accept().header("Set-Cookie", "a=1").refuse(401, Map.of("Set-Cookie", "b=2"), body);
		assertThat(response.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(401);
		assertThat(response.get().body()).isEqualTo(body);
		assertThat(response.get().headers().allValues("Set-Cookie")).containsExactly("a=1", "b=2");
	}

	@Test
	void refusalInChunks() throws Exception {
		byte[] body = "It is not for you".getBytes(StandardCharsets.UTF_8);
		CompletableFuture<HttpResponse<byte[]>> response = get();
		this.upstream.accept().refuse(403, Map.of("Transfer-Encoding", "chunked"), UpstreamHandshake.chunked(5, body));
		assertThat(response.get(20, TimeUnit.SECONDS).body()).isEqualTo(body);
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).start()) {
			this.upstream.accept()
				.refuse(403, Map.of("Transfer-Encoding", "chunked"), UpstreamHandshake.chunked(5, body));
			assertThat(handshake.response().body()).isEqualTo(body);
		}
	}

	@Test
	void shortRefusals() {
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).start()) {
			this.upstream.accept().refuse(503);
			assertThat(handshake.response()).satisfies((response) -> {
				assertThat(response.status()).isEqualTo(503);
				assertThat(response.body()).isEmpty();
			});
		}
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).start()) {
			this.upstream.accept().refuse(404, "née");
			assertThat(handshake.response().bodyAsText()).isEqualTo("née");
		}
	}

	@Test
	void rawAnswers() {
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).start()) {
			this.upstream.accept().answer("SSH-2.0-nothing_of_yours\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			assertThatExceptionOfType(AssertionError.class).isThrownBy(handshake::response)
				.withMessageContaining("Not a status line: 'SSH-2.0-nothing_of_yours'");
		}
	}

	@Test
	void noAnswer() {
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).start()) {
			this.upstream.accept().closeWithoutAnswer();
			handshake.peer().expectEof();
		}
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).start()) {
			this.upstream.accept().peer().reset();
			handshake.peer().expectReset();
		}
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).start()) {
			handshake.peer().close();
			this.upstream.accept().peer().expectEof();
		}
	}

	@Test
	void connectionsAreCountedBeforeAnyoneAccepts() {
		assertThat(this.upstream.acceptedConnections()).isZero();
		try (RawPeer silent = RawClient.to(this.upstream.port()).open()) {
			assertThat(this.upstream.acceptedConnections()).isEqualTo(1);
			RawPeer accepted = this.upstream.acceptConnection();
			assertThat(this.upstream.acceptedConnections()).isEqualTo(1);
			silent.send(new byte[] { 1 });
			assertThat(accepted.receiveBytes(1)).containsExactly(1);
		}
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> this.upstream.timeout(Duration.ofMillis(20)).accept())
			.withMessage("Expected a connection within PT0.02S");
	}

	@Test
	void scriptServesEveryConnection() {
		this.upstream.serve((handshake) -> {
			RawPeer peer = handshake.acceptWebSocket();
			peer.send(peer.receiveFrame().unmasked());
		});
		for (int i = 0; i < 3; i++) {
			try (RawPeer peer = RawClient.to(this.upstream.port()).connect()) {
				peer.send(WireFrame.text("Hello").masked());
				assertThat(peer.receiveFrame()).isEqualTo(WireFrame.text("Hello"));
			}
		}
	}

	@Test
	void failureOfAScriptIsKept() {
		this.upstream.serve((handshake) -> {
			throw new IllegalArgumentException("no script");
		});
		try (ClientHandshake handshake = RawClient.to(this.upstream.port()).start()) {
			handshake.peer().expectEof();
		}
		// The connection is ended before the failure is kept
		Awaitility.await().until(() -> !this.upstream.failures().isEmpty());
		assertThat(this.upstream.failures()).singleElement().isInstanceOf(IllegalArgumentException.class);
	}

	@Test
	void closeEndsEverything() {
		try (RawSession session = RawSession.open(RawClient.to(this.upstream.port()), this.upstream);
				RawPeer waiting = RawClient.to(this.upstream.port()).open()) {
			this.upstream.close();
			session.client().expectClosed();
			waiting.expectClosed();
		}
		assertThat(connecting(this.upstream.uri())).failsWithin(RawPeer.DEFAULT_TIMEOUT)
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(ConnectException.class);
	}

	@Test
	void closedPortRefuses() {
		assertThat(connecting(URI.create("ws://localhost:" + RawUpstream.closedPort())))
			.failsWithin(RawPeer.DEFAULT_TIMEOUT)
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(ConnectException.class);
	}

	@Test
	void strangeCertificateIsRefused() {
		TestCertificates strange = TestCertificates.create("dns:localhost");
		try (RawUpstream server = RawUpstream.start(strange.server())) {
			assertThat(connecting(server.uri())).failsWithin(RawPeer.DEFAULT_TIMEOUT)
				.withThrowableOfType(ExecutionException.class)
				.withCauseInstanceOf(SSLHandshakeException.class);
			assertThatExceptionOfType(AssertionError.class)
				.isThrownBy(() -> server.timeout(Duration.ofMillis(20)).accept());
			assertThat(server.acceptedConnections()).isEqualTo(1);
		}
	}

	private CompletableFuture<WebSocket> connecting(URI uri) {
		return this.client.newWebSocketBuilder().buildAsync(uri, new Recorder());
	}

	private CompletableFuture<HttpResponse<byte[]>> get() {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + this.upstream.port())).build();
		return this.client.sendAsync(request, BodyHandlers.ofByteArray());
	}

	private static final class Recorder implements WebSocket.Listener {

		private final BlockingQueue<String> events = new LinkedTransferQueue<>();

		private final StringBuilder parts = new StringBuilder();

		private int binaryLength;

		@Nullable String next() throws InterruptedException {
			return this.events.poll(20, TimeUnit.SECONDS);
		}

		@Override
		public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
			this.parts.append(data);
			if (last) {
				this.events.add("text " + this.parts);
				this.parts.setLength(0);
			}
			return WebSocket.Listener.super.onText(socket, data, last);
		}

		@Override
		public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
			this.binaryLength += data.remaining();
			if (last) {
				this.events.add("binary " + this.binaryLength);
			}
			return WebSocket.Listener.super.onBinary(socket, data, last);
		}

		@Override
		public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
			this.events.add("close " + code + " " + reason);
			return null;
		}

	}

}
