package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Sinks;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.SessionRecorder;
import dev.wspolicy.testkit.TestCertificates;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for data that clients send after an upgrade request before it is answered:
 * frames, another request, or a body, which is not allowed.
 */
@ParameterizedClass
@EnumSource
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class EarlyFramesTests {

	private static final int LIMIT = 64 * 1024;

	/** What bounds the frames of a stream in its place. */
	private static final int WINDOW = 65_535;

	private static final RawUpstream upstream = RawUpstream.start();

	/** Answers HTTP requests. */
	private static final RawUpstream plain = RawUpstream.start()
		.serve((handshake) -> handshake.refuse(200, Map.of("Connection", "close"),
				("answer to " + handshake.target()).getBytes(StandardCharsets.UTF_8)));

	private static final SessionRecorder recorder = new SessionRecorder();

	private static TestGateway gateway;

	/** Also supports HTTP/2 over cleartext, and sessions over it. */
	private static TestGateway http2Gateway;

	private static TestGateway tlsGateway;

	@BeforeAll
	static void start() {
		http2Gateway = gateway().http2().start();
	}

	@BeforeParameterizedClassInvocation
	static void start(Leg leg) {
		gateway = (leg == Leg.STREAM) ? http2Gateway : gateway().set("test.nio", leg == Leg.NIO_SOCKET).start();
		TestGateway.Builder tls = TestGateway.with().tls(TestCertificates.localhost()).route("ws", upstream.uri());
		tlsGateway = ((leg == Leg.NATIVE_SOCKET) ? tls : tls.http2()).start();
	}

	private static TestGateway.Builder gateway() {
		return TestGateway.with(WatchedTransport.class, Beans.class)
			.bean(SessionRecorder.class, recorder)
			.set("server.max-http-request-header-size", "9000B")
			.route("ws", upstream.uri())
			.route("hiding", upstream.uri(), "RemoveRequestHeader=Content-Length",
					"RemoveRequestHeader=Transfer-Encoding")
			.route("http", "http://localhost:" + plain.port())
			.route("nowhere", "ws://localhost:" + RawUpstream.closedPort());
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		if (gateway != http2Gateway) {
			gateway.close();
		}
		tlsGateway.close();
	}

	@AfterAll
	static void stopAll() {
		http2Gateway.close();
		upstream.close();
		plain.close();
	}

	private final Leg leg;

	EarlyFramesTests(Leg leg) {
		this.leg = leg;
	}

	@AfterEach
	void allResourcesAreReleased() {
		gateway.awaitNoSessions();
		await().untilAsserted(() -> assertThat(transport().usedBytes()).isZero());
	}

	static List<Named<WireFrame[]>> frames() {
		WireFrame[] many = new WireFrame[100];
		Arrays.setAll(many, (i) -> WireFrame.text("frame " + i).mask(0x01020300 + i));
		return List.of(Named.of("short", new WireFrame[] { WireFrame.text("Hi").mask(0) }),
				Named.of("long", new WireFrame[] { WireFrame.binary(new byte[20_000]).mask(0x12345678) }),
				Named.of("many", many),
				// With a complete request in it, as the HTTP decoder would see it
				Named.of("HTTP", new WireFrame[] { WireFrame.text("\r\nGET / HTTP/1.1\r\n\r\n").mask(0) }));
	}

	@ParameterizedTest
	@MethodSource("frames")
	void inTheSameWrite(WireFrame[] frames) {
		try (ClientHandshake client = client("ws").glue(frames).start()) {
			RawPeer server = upstream.accept().acceptWebSocket();
			assertThat(server.receiveFrames(frames.length)).containsExactly(frames);
			assertGoesOn(client.connected(), server);
		}
	}

	@ParameterizedTest
	@MethodSource("frames")
	void whileTheUpstreamIsDialled(WireFrame[] frames) {
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			// Until the request to the upstream has been released
			gateway.awaitEventLoops();
			long before = transport().usedBytes();
			client.peer().send(frames);
			await().until(() -> transport().usedBytes() > before);
			RawPeer server = handshake.acceptWebSocket();
			assertThat(server.receiveFrames(frames.length)).containsExactly(frames);
			assertGoesOn(client.connected(), server);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 5, 6, 300 })
	void frameInTwoPieces(int early) {
		WireFrame frame = WireFrame.text("x".repeat(1000)).mask(0x77665544);
		byte[] bytes = frame.encode();
		try (ClientHandshake client = client("ws").glue(Arrays.copyOf(bytes, early)).start()) {
			RawPeer server = upstream.accept().acceptWebSocket();
			RawPeer peer = client.connected();
			peer.send(Arrays.copyOfRange(bytes, early, bytes.length));
			assertThat(server.receiveFrame()).isEqualTo(frame);
			assertGoesOn(peer, server);
		}
	}

	@Test
	void moreThanTheLimit() {
		WireFrame[] frames = new WireFrame[200];
		Arrays.setAll(frames, (i) -> WireFrame.binary(new byte[16_000]).mask(i));
		byte[] bytes = WireFrame.encodeAll(frames);
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			CompletableFuture<Void> sent = client.peer().sendAsync(bytes);
			long limit = (this.leg == Leg.STREAM) ? WINDOW : LIMIT;
			await().until(() -> transport().usedBytes() >= limit);
			client.peer().expectNothingFor(Duration.ofMillis(200));
			// A read may exceed the limit, and the buffer is at most twice as large
			assertThat(transport().usedBytes()).isBetween(limit, 6 * limit);
			RawPeer server = handshake.acceptWebSocket();
			assertThat(server.receiveFrames(frames.length)).containsExactly(frames);
			assertThat(sent).succeedsWithin(Duration.ofSeconds(20));
			assertGoesOn(client.connected(), server);
		}
	}

	@Test
	void manySmallPiecesDoNotWasteMemory() {
		byte[] bytes = WireFrame.binary(new byte[3000]).mask(0).encode();
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			client.peer().sendByteByByte(bytes);
			assertThat(transport().usedBytes()).isLessThan(LIMIT);
			RawPeer server = handshake.acceptWebSocket();
			assertThat(server.receiveFrame().payload()).hasSize(3000);
			assertGoesOn(client.connected(), server);
		}
	}

	@Test
	void closeFrame() {
		try (ClientHandshake client = client("ws").glue(WireFrame.close(1000, "never mind").masked()).start()) {
			RawPeer server = upstream.accept().acceptWebSocket();
			assertThat(server.receiveFrame().closeReason()).isEqualTo("never mind");
			server.send(WireFrame.close(1000));
			RawPeer peer = client.connected();
			assertThat(peer.receiveFrame().closeCode()).isEqualTo(1000);
			peer.expectEof();
			server.close();
		}
	}

	@Test
	void whileAWebFilterIsWaiting() {
		Beans beans = gateway.bean(Beans.class);
		beans.held = Sinks.empty();
		WireFrame frame = WireFrame.text("early").mask(1);
		try (ClientHandshake client = client("ws").path("/ws?held").glue(frame).start()) {
			client.peer().send(frame);
			await().until(beans.held::currentSubscriberCount, (count) -> count == 1);
			beans.held.tryEmitEmpty();
			RawPeer server = upstream.accept().acceptWebSocket();
			assertThat(server.receiveFrames(2)).containsExactly(frame, frame);
			assertGoesOn(client.connected(), server);
		}
	}

	@Test
	void clientThatDisconnectsAfterwards() {
		byte[] bytes = new byte[(this.leg == Leg.STREAM) ? WINDOW : 300_000];
		try (ClientHandshake client = client("ws").glue(bytes).start()) {
			UpstreamHandshake handshake = upstream.accept();
			client.peer().reset();
			// NIO does not detect it before the next read
			if (this.leg != Leg.NIO_SOCKET) {
				handshake.peer().expectClosed();
			}
			handshake.closeWithoutAnswer();
		}
	}

	// Other requests

	@Test
	void requestAfterARefusedUpgrade() {
		assumeHttp11();
		for (RawClient refused : List.of(client("nowhere"), client("ws").replace("Sec-WebSocket-Version", "7"),
				client("ws").replace("Sec-WebSocket-Key", "x"), client("unknown"))) {
			try (ClientHandshake client = refused.glue(get("/http/x")).start()) {
				assertThat(client.response().status()).isGreaterThanOrEqualTo(400);
				assertThat(client.response().bodyAsText()).isEqualTo("answer to /http/x");
			}
		}
	}

	@Test
	void upgradeAgainOnTheSameConnection() {
		assumeHttp11();
		upgradeAgain(client("ws"));
		upgradeAgain(tlsGateway.client().path("/ws"));
		upgradeAgain(http2Gateway.client().path("/ws"));
	}

	private static void upgradeAgain(RawClient request) {
		WireFrame frame = WireFrame.text("early").mask(1);
		byte[] again = concat(upgrade("/ws/again"), frame.encode());
		for (boolean atOnce : new boolean[] { true, false }) {
			try (ClientHandshake client = request.glue(atOnce ? again : new byte[0]).start()) {
				upstream.accept().refuse(401, Map.of(), new byte[100_000]);
				RawResponse refusal = client.response();
				assertThat(refusal.status()).isEqualTo(401);
				assertThat(refusal.body()).hasSize(100_000);
				if (!atOnce) {
					client.peer().send(again);
				}
				UpstreamHandshake handshake = upstream.accept();
				assertThat(handshake.target()).isEqualTo("/ws/again");
				RawPeer server = handshake.acceptWebSocket();
				assertThat(server.receiveFrame()).isEqualTo(frame);
				assertThat(client.response().status()).isEqualTo(101);
				assertGoesOn(client.peer(), server);
			}
		}
	}

	@Test
	void upgradeAfterAnotherRequest() {
		assumeHttp11();
		WireFrame frame = WireFrame.text("early").mask(1);
		byte[] behind = concat(upgrade("/ws/x"), frame.encode());
		try (ClientHandshake client = client("http").withoutUpgrade().glue(behind).start()) {
			assertThat(client.response().bodyAsText()).isEqualTo("answer to /http");
			RawPeer server = upstream.accept().acceptWebSocket();
			assertThat(server.receiveFrame()).isEqualTo(frame);
			assertThat(client.response().status()).isEqualTo(101);
			assertGoesOn(client.peer(), server);
		}
	}

	@Test
	void requestAfterASuccessfulUpgradeIsNotAFrame() {
		try (ClientHandshake client = client("ws").glue(get("/http/x")).start()) {
			RawPeer server = upstream.accept().acceptWebSocket();
			RawPeer peer = client.connected();
			assertThat(peer.receiveFrame().closeCode()).isEqualTo(1002);
			assertThat(server.receiveFrame().closeCode()).isEqualTo(1001);
			server.close();
		}
	}

	@ParameterizedTest
	@CsvSource({ "ws, Content-Length: 4096", "ws, Content-Length: 10", "ws, Transfer-Encoding: chunked",
			"hiding, Content-Length: 4096", "hiding, Transfer-Encoding: chunked" })
	void body(String route, String header) {
		assumeHttp11();
		int before = upstream.acceptedConnections();
		recorder.clear();
		String[] field = header.split(": ");
		byte[] body = header.endsWith("chunked") ? "4\r\nevil\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8)
				: new byte[Integer.parseInt(field[1])];
		for (int i = 0; i < 100; i++) {
			boolean late = i % 2 == 0;
			RawClient request = client(route).header(field[0], field[1]);
			try (ClientHandshake client = (late ? request : request.glue(body)).start()) {
				RawResponse response = client.response();
				assertThat(response.status()).isEqualTo(400);
				assertThat(response.bodyAsText()).contains("An upgrade request must not have a body");
				if (late) {
					client.peer().send(body);
				}
			}
		}
		assertThat(upstream.acceptedConnections()).isEqualTo(before);
		assertThat(recorder.refused()).hasSize(100).containsOnly(HttpStatus.BAD_REQUEST);
	}

	@Test
	void emptyBody() {
		assumeHttp11();
		try (ClientHandshake client = client("ws").header("Content-Length", "0")
			.glue(WireFrame.text("early").mask(1))
			.start()) {
			RawPeer server = upstream.accept().acceptWebSocket();
			assertThat(server.receiveFrame().payloadAsText()).isEqualTo("early");
			assertGoesOn(client.connected(), server);
		}
	}

	// Endpoints other than sessions

	@Test
	void webSocketOfTheApplication() {
		try (ClientHandshake client = client("own").glue(WireFrame.text("early").masked()).start()) {
			RawPeer peer = client.connected();
			peer.send(WireFrame.text("late").masked());
			assertThat(peer.receiveFrames(2)).extracting(WireFrame::payloadAsText).containsExactly("early", "late");
			peer.send(WireFrame.close(1000).masked());
			assertThat(peer.receiveFrame().closeCode()).isEqualTo(1000);
		}
	}

	// Other connections

	@Test
	void overTls() {
		gluedAndLate(tlsGateway.client().over(this.leg.protocol).path("/ws"));
	}

	@Test
	void withHttp2Enabled() {
		assumeHttp11();
		gluedAndLate(http2Gateway.client().path("/ws"));
	}

	@Test
	void connectionKeepsUsingHttp1AfterARefusal() {
		assumeHttp11();
		try (ClientHandshake client = http2Gateway.client().path("/ws").replace("Sec-WebSocket-Key", "x").start()) {
			assertThat(client.response().status()).isEqualTo(400);
			client.peer()
				.send(("GET /unknown HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
						+ "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
					.getBytes(StandardCharsets.ISO_8859_1));
			assertThat(client.response().status()).isEqualTo(404);
			client.peer().send(get("/unknown"));
			assertThat(client.response().status()).isEqualTo(404);
		}
	}

	private static void gluedAndLate(RawClient request) {
		WireFrame frame = WireFrame.binary(new byte[20_000]).mask(1);
		try (ClientHandshake client = request.glue(frame).start()) {
			UpstreamHandshake handshake = upstream.accept();
			client.peer().send(frame);
			RawPeer server = handshake.acceptWebSocket();
			assertThat(server.receiveFrames(2)).containsExactly(frame, frame);
			assertGoesOn(client.connected(), server);
		}
	}

	private static void assertGoesOn(RawPeer client, RawPeer server) {
		client.send(WireFrame.text("there").masked());
		assertThat(server.receiveFrame().payloadAsText()).isEqualTo("there");
		server.send(WireFrame.text("back"));
		assertThat(client.receiveFrame().payloadAsText()).isEqualTo("back");
		server.close();
	}

	/**
	 * Skip what cannot be over HTTP/2: one request follows another in a stream of its
	 * own, and whatever follows an extended CONNECT in the same stream is for its
	 * session, so that there is no body to tell apart from frames.
	 */
	private void assumeHttp11() {
		Assumptions.assumeTrue(this.leg != Leg.STREAM);
	}

	private RawClient client(String route) {
		return gateway.client().over(this.leg.protocol).path("/" + route);
	}

	private static byte[] get(String target) {
		return ("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
	}

	private static byte[] upgrade(String target) {
		return ("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
				+ "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
			.getBytes(StandardCharsets.ISO_8859_1);
	}

	private static byte[] concat(byte[] first, byte[] second) {
		byte[] both = Arrays.copyOf(first, first.length + second.length);
		System.arraycopy(second, 0, both, first.length, second.length);
		return both;
	}

	private static WatchedTransport transport() {
		return gateway.bean(WatchedTransport.class);
	}

	/**
	 * How the gateway hears from its clients.
	 */
	enum Leg {

		NATIVE_SOCKET(ClientLeg.HTTP_1_1), NIO_SOCKET(ClientLeg.HTTP_1_1), STREAM(ClientLeg.HTTP_2);

		private final ClientLeg protocol;

		Leg(ClientLeg protocol) {
			this.protocol = protocol;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private volatile Sinks.Empty<Void> held = Sinks.empty();

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		WebFilter holding() {
			return (exchange, chain) -> exchange.getRequest().getQueryParams().containsKey("held")
					? this.held.asMono().then(chain.filter(exchange)) : chain.filter(exchange);
		}

		@Bean
		HandlerMapping own() {
			WebSocketHandler echo = (session) -> session
				.send(session.receive().map((message) -> session.textMessage(message.getPayloadAsText())));
			return new SimpleUrlHandlerMapping(Map.of("/own", echo), -1);
		}

	}

}
