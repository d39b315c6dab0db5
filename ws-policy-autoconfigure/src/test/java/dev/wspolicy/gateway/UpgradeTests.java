package dev.wspolicy.gateway;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatusCode;

import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table of upgrades in the design.
 */
@ExtendWith(OutputCaptureExtension.class)
class UpgradeTests {

	private static final RawUpstream upstream = RawUpstream.start();

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.inFrontOf(upstream)
		.pipeline("session.handshake-timeout", "3s")
		.pipeline("hasty", "session.handshake-timeout", "300ms")
		.pipeline("closed", "enabled", "false")
		.set("spring.cloud.gateway.server.webflux.httpclient.response-timeout", "1s")
		.set("spring.cloud.gateway.server.webflux.trusted-proxies", "127\\..*")
		.set("server.netty.idle-timeout", "700ms")
		.set("server.compression.enabled", "true")
		.routes("ws")
		.routesByName("hasty", "closed")
		.routeTo("http", "http://localhost:" + upstream.port())
		.routeTo("nowhere", "ws://localhost:" + RawUpstream.closedPort())
		.routeTo("unresolvable", "ws://does-not-exist.invalid:1")
		.routeTo("tls", "wss://localhost:" + upstream.port())
		.filteredRoute("filtered", "StripPrefix=1", "RewritePath=/old/(?<rest>.*), /new/$\\{rest}",
				"AddRequestHeader=X-Added, by-route", "RemoveRequestHeader=X-Removed", "PreserveHostHeader",
				"AddResponseHeader=X-Answer, added", "RemoveResponseHeader=X-Secret",
				"SetResponseHeader=X-Set, by-route");

	@AfterEach
	void nothingIsLeft() {
		gateway.awaitNoSessions();
		refusals().clear();
	}

	// The client's half

	static Stream<Arguments> malformed() {
		return Stream.of(Arguments.of("no key", client("ws").without("Sec-WebSocket-Key")),
				Arguments.of("two keys", client("ws").header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")),
				Arguments.of("short key", client("ws").replace("Sec-WebSocket-Key", "c2hvcnQ=")),
				Arguments.of("no base64", client("ws").replace("Sec-WebSocket-Key", "!!!!!!!!!!!!!!!!!!!!!!==")),
				Arguments.of("no connection", client("ws").without("Connection")),
				Arguments.of("wrong connection", client("ws").replace("Connection", "keep-alive")),
				Arguments.of("http/1.0", client("ws").version("HTTP/1.0")),
				Arguments.of("post", client("ws").method("POST").header("Content-Length", "0")));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("malformed")
	void malformedHandshake(String what, RawClient client) {
		assertThat(client.exchange().status()).isEqualTo(400);
		assertThat(refusals().poll()).isEqualTo(400);
		assertThat(refusals().poll()).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "12", "8", "0", "14", "x" })
	void wrongVersion(String version) {
		RawResponse response = client("ws").replace("Sec-WebSocket-Version", version).exchange();
		assertThat(response.status()).isEqualTo(426);
		assertThat(response.headers().all("Sec-WebSocket-Version")).containsExactly("13");
	}

	@Test
	void plainGetOnAWebSocketRoute() {
		RawResponse response = client("ws").withoutUpgrade().exchange();
		assertThat(response.status()).isEqualTo(426);
		assertThat(response.headers().all("Sec-WebSocket-Version")).containsExactly("13");
		assertThat(response.headers().all("Upgrade")).containsExactly("websocket");
		assertThat(response.body()).isEmpty();
	}

	@Test
	void plainGetOnAnHttpRouteIsPlainHttp() {
		try (ClientHandshake client = client("http").withoutUpgrade().start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().contains("Upgrade")).isFalse();
			handshake.refuse(200, "hello");
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

	@Test
	void clientMayAskAgainAfterARefusal() {
		assertThat(client("ws").replace("Sec-WebSocket-Version", "7").exchange().status()).isEqualTo(426);
		exchangeOneMessage(client("ws"));
	}

	@Test
	void disabledPipeline() {
		assertThat(client("closed").exchange().status()).isEqualTo(503);
		assertThat(refusals().poll()).isEqualTo(503);
	}

	@Test
	void framesGluedToTheRequestDoNoHarm() {
		try (ClientHandshake client = client("ws").glue(WireFrame.text("early").masked()).start()) {
			RawPeer server = upstream.accept().acceptWebSocket();
			// They are not allowed: either is a fair answer
			assertThat(client.response().status()).isIn(101, 400);
			server.close();
		}
	}

	// The upstream's refusals

	static Stream<Arguments> upstreamRefusals() {
		return Stream.of(Arguments.of(401, Map.of("WWW-Authenticate", "Basic realm=\"x\"")),
				Arguments.of(403, Map.of("X-Reason", "no")), Arguments.of(404, Map.of()),
				Arguments.of(302, Map.of("Location", "http://elsewhere/login")),
				Arguments.of(500, Map.of("Content-Type", "text/html")), Arguments.of(503, Map.of("Retry-After", "7")),
				Arguments.of(200, Map.of()), Arguments.of(426, Map.of("Upgrade", "websocket")));
	}

	@ParameterizedTest
	@MethodSource("upstreamRefusals")
	void refusalIsRelayedWithHeadersAndBody(int status, Map<String, String> headers) {
		for (int length : new int[] { 0, 20_000, 2_000_000 }) {
			byte[] body = new byte[length];
			new Random(length).nextBytes(body);
			try (ClientHandshake client = client("ws").start()) {
				upstream.accept().header("Set-Cookie", "a=1").header("Set-Cookie", "b=2").refuse(status, headers, body);
				RawResponse response = client.response();
				assertThat(response.status()).isEqualTo(status);
				headers.forEach((name, value) -> {
					if (!name.equals("Upgrade")) {
						assertThat(response.headers().all(name)).containsExactly(value);
					}
				});
				assertThat(response.headers().all("Set-Cookie")).containsExactly("a=1", "b=2");
				assertThat(response.headers().all("Content-Length")).containsExactly(String.valueOf(length));
				assertThat(response.body()).isEqualTo(body);
			}
			assertThat(refusals().poll()).isEqualTo(status);
			assertThat(refusals().poll()).isNull();
		}
	}

	@Test
	void refusalInChunks() {
		byte[] body = "a line\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);
		try (ClientHandshake client = client("ws").start()) {
			upstream.accept().refuse(403, Map.of("Transfer-Encoding", "chunked"), UpstreamHandshake.chunked(777, body));
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(403);
			assertThat(response.body()).isEqualTo(body);
		}
	}

	@Test
	void refusalThatEndsWithTheConnection() {
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			handshake.answer("HTTP/1.1 403 No\r\nConnection: close\r\n\r\nno means no".getBytes(StandardCharsets.UTF_8))
				.join();
			handshake.closeWithoutAnswer();
			assertThat(client.response().bodyAsText()).isEqualTo("no means no");
		}
	}

	@Test
	void refusalThatIsCompressedStaysSo() {
		try (ClientHandshake client = client("ws").header("Accept-Encoding", "gzip").start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.headers().first("Accept-Encoding")).isEqualTo("gzip");
			handshake.refuse(404, Map.of("Content-Encoding", "gzip"), new byte[] { 1, 2, 3 });
			RawResponse response = client.response();
			assertThat(response.headers().first("Content-Encoding")).isEqualTo("gzip");
			assertThat(response.body()).containsExactly(1, 2, 3);
		}
	}

	@Test
	void clientGoneDuringALongRefusal() {
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			handshake.refuse(403, Map.of(), new byte[30_000_000]);
			client.peer().receiveBytes(1000);
			client.peer().reset();
			handshake.peer().expectClosed();
		}
	}

	@Test
	void answerBeforeTheAnswer() {
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			handshake.answer("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".getBytes(StandardCharsets.UTF_8));
			RawPeer server = handshake.acceptWebSocket();
			RawPeer peer = client.connected();
			exchangeOneMessage(peer, server);
			server.close();
		}
	}

	// The upstream's failures

	@ParameterizedTest
	@ValueSource(strings = { "nowhere", "unresolvable" })
	void unreachable(String route) {
		assertThat(client(route).exchange().status()).isEqualTo(502);
		assertThat(refusals().poll()).isEqualTo(502);
		assertThat(refusals().poll()).isNull();
	}

	@Test
	void noTlsWhereTlsIsExpected(CapturedOutput output) {
		try (ClientHandshake client = client("tls").start(); RawPeer server = upstream.acceptConnection()) {
			server.send("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
			assertThat(client.response().status()).isEqualTo(502);
			server.drainToEnd();
		}
		assertToldOnce(output, "tls");
	}

	static Stream<Arguments> badAnswers() {
		return Stream
			.of("wrong accept key", "no upgrade", "no connection", "subprotocol not offered", "extension not offered",
					"closed", "reset", "garbage", "two subprotocols")
			.map(Arguments::of);
	}

	@ParameterizedTest
	@MethodSource("badAnswers")
	void badAnswer(String what, CapturedOutput output) {
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

	/** By this product, in a line, and by nobody else. */
	private static void assertToldOnce(CapturedOutput output, String route) {
		gateway.awaitNoSessions();
		assertThat(output.toString().lines().filter((line) -> line.matches(".* (WARN|ERROR) +\\[reactor-http.*")))
			.singleElement(InstanceOfAssertFactories.STRING)
			.contains("Route '" + route + "': no WebSocket upstream at");
		assertThat(output).doesNotContain("\tat ");
	}

	@Test
	void noAnswer() {
		try (ClientHandshake client = client("hasty").start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(client.response().status()).isEqualTo(504);
			handshake.peer().expectClosed();
		}
		assertThat(refusals().poll()).isEqualTo(504);
		assertThat(refusals().poll()).isNull();
	}

	@Test
	void clientGoneWhileDialling(CapturedOutput output) {
		try (ClientHandshake client = client("ws").start()) {
			UpstreamHandshake handshake = upstream.accept();
			client.peer().close();
			handshake.peer().expectClosed();
		}
		assertThat(output).doesNotContain("onErrorDropped");
	}

	@Test
	void clientGoneWhenTheAnswerComes() {
		for (int i = 0; i < 20; i++) {
			try (ClientHandshake client = client("ws").start()) {
				UpstreamHandshake handshake = upstream.accept();
				client.peer().reset();
				try {
					handshake.acceptWebSocket();
				}
				catch (UncheckedIOException ex) {
					// The gateway was faster
					continue;
				}
				awaitEnd(handshake.peer());
			}
		}
		gateway.awaitNoSessions();
	}

	@Test
	void upstreamGoneRightAfterItsAnswer() {
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
		try {
			peer.expectClosed();
		}
		catch (AssertionError ex) {
			// A close frame came first
			peer.shutdownOutput();
			peer.receiveBytes(3);
			peer.expectClosed();
		}
	}

	// The 101

	@Test
	void framesGluedToTheAnswerAreRelayed() {
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
	void closeGluedToTheAnswer() {
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
	void upstreamsHeadersAreInTheAnswer() {
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
	void upstreamChoosesTheSubprotocol(String chosen) {
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
	void upstreamChoosesNoSubprotocol() {
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

	// The request to the upstream

	@Test
	void requestReachesTheUpstream() {
		try (ClientHandshake client = gateway.client()
			.path("/ws/a%20b?x=1&y=%C3%A4")
			.header("Origin", "https://app.example.com")
			.header("Cookie", "session=1")
			.header("Authorization", "Bearer token")
			.header("X-Custom", "one")
			.header("X-Custom", "two")
			.header("Sec-WebSocket-Extensions", "permessage-deflate")
			.header("Keep-Alive", "1")
			.header("TE", "trailers")
			.start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.requestLine()).isEqualTo("GET /ws/a%20b?x=1&y=%C3%A4 HTTP/1.1");
			assertThat(handshake.headers().all("Host")).containsExactly("localhost:" + upstream.port());
			assertThat(handshake.headers().all("Origin")).containsExactly("https://app.example.com");
			assertThat(handshake.headers().all("Cookie")).containsExactly("session=1");
			assertThat(handshake.headers().all("Authorization")).containsExactly("Bearer token");
			assertThat(handshake.headers().all("X-Custom")).containsExactly("one", "two");
			assertThat(handshake.headers().all("Upgrade")).containsExactly("websocket");
			assertThat(handshake.headers().all("Connection")).hasSize(1)
				.first()
				.asString()
				.isEqualToIgnoringCase("upgrade");
			assertThat(handshake.headers().all("Sec-WebSocket-Version")).containsExactly("13");
			assertThat(handshake.headers().all("Sec-WebSocket-Key")).hasSize(1);
			assertThat(handshake.headers().all("User-Agent")).hasSizeLessThan(2);
			for (String name : List.of("Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "Keep-Alive", "TE",
					"Content-Length", "Transfer-Encoding")) {
				assertThat(handshake.headers().all(name)).as(name).isEmpty();
			}
			assertThat(handshake.headers().all("X-Forwarded-For")).hasSize(1);
			assertThat(handshake.headers().all("X-Forwarded-Host")).containsExactly("localhost:" + gateway.port());
			assertThat(handshake.headers().all("X-Forwarded-Port")).containsExactly("" + gateway.port());
			handshake.refuse(403);
			assertThat(client.response().status()).isEqualTo(403);
		}
	}

	@Test
	void filtersOfTheRouteApply() {
		try (ClientHandshake client = gateway.client()
			.path("/filtered/old/x?q=1")
			.replace("Host", "public.example.com")
			.header("X-Removed", "secret")
			.start()) {
			UpstreamHandshake handshake = upstream.accept();
			assertThat(handshake.target()).isEqualTo("/new/x?q=1");
			assertThat(handshake.headers().all("Host")).containsExactly("public.example.com");
			assertThat(handshake.headers().all("X-Added")).containsExactly("by-route");
			assertThat(handshake.headers().all("X-Removed")).isEmpty();
			RawPeer server = handshake.header("X-Secret", "s").header("X-Set", "by-upstream").acceptWebSocket();
			RawPeer peer = client.connected();
			RawResponse response = peer.handshakeResponse();
			assertThat(response.headers().all("X-Answer")).containsExactly("added");
			assertThat(response.headers().all("X-Secret")).isEmpty();
			assertThat(response.headers().all("X-Set")).containsExactly("by-route");
			exchangeOneMessage(peer, server);
			server.close();
		}
	}

	@Test
	void filtersOfTheRouteApplyToRefusals() {
		try (ClientHandshake client = gateway.client().path("/filtered/old/x").start()) {
			upstream.accept().header("X-Secret", "s").refuse(401, "who are you?");
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(401);
			assertThat(response.headers().all("X-Answer")).containsExactly("added");
			assertThat(response.headers().all("X-Secret")).isEmpty();
			assertThat(response.bodyAsText()).isEqualTo("who are you?");
		}
		RawResponse response = gateway.client().path("/filtered/old/x").without("Sec-WebSocket-Key").exchange();
		assertThat(response.status()).isEqualTo(400);
		assertThat(response.headers().all("X-Answer")).containsExactly("added");
	}

	@Test
	void timeoutsOfHttpDoNotEndSessions() {
		try (ClientHandshake client = client("ws").start(); RawPeer server = upstream.accept().acceptWebSocket()) {
			RawPeer peer = client.connected();
			// Longer than the server's idle-timeout and the client's response-timeout
			peer.expectNothingFor(Duration.ofMillis(1300));
			exchangeOneMessage(peer, server);
		}
	}

	private static RawClient client(String route) {
		return gateway.client().path("/" + route);
	}

	private static void exchangeOneMessage(RawClient client) {
		try (ClientHandshake handshake = client.start(); RawPeer server = upstream.accept().acceptWebSocket()) {
			exchangeOneMessage(handshake.connected(), server);
		}
	}

	private static void exchangeOneMessage(RawPeer client, RawPeer server) {
		client.send(WireFrame.text("there").masked());
		assertThat(server.receiveFrame().payloadAsText()).isEqualTo("there");
		server.send(WireFrame.text("back"));
		assertThat(client.receiveFrame().payloadAsText()).isEqualTo("back");
	}

	private static BlockingQueue<Integer> refusals() {
		return gateway.bean(Beans.class).refusals;
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private final BlockingQueue<Integer> refusals = new LinkedBlockingQueue<>();

		@Bean
		SessionListener listener() {
			return new SessionListener() {

				@Override
				public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status) {
					Beans.this.refusals.add(status.value());
				}

			};
		}

	}

}
