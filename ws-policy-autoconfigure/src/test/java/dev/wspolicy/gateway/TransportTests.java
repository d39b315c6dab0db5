package dev.wspolicy.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.TestCertificates;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for TLS on either leg, HTTP/2 on the same port, load balancing, proxies, and the
 * event loops of sessions.
 */
class TransportTests {

	private static final TestCertificates MISNAMED = TestCertificates.create("dns:other.example.com");

	private static RawUpstream plain;

	private static RawUpstream secure;

	private static RawUpstream untrusted;

	private static RawUpstream misnamed;

	private static RawUpstream proxy;

	private static TestGateway gateway;

	private static TestGateway plainGateway;

	@BeforeAll
	static void start() {
		TestCertificates certificates = TestCertificates.localhost();
		plain = RawUpstream.start().receiveBuffer(64 * 1024);
		secure = RawUpstream.start(certificates.server()).receiveBuffer(64 * 1024);
		untrusted = RawUpstream.start(TestCertificates.create("dns:localhost").server());
		misnamed = RawUpstream.start(MISNAMED.server());
		proxy = RawUpstream.start();
		gateway = routes(TestGateway.with(Beans.class).complete()).tls(certificates)
			.set("server.http2.enabled", "true")
			.start();
		plainGateway = routes(TestGateway.with(Beans.class).complete()).set("server.http2.enabled", "true").start();
	}

	private static TestGateway.Builder routes(TestGateway.Builder builder) {
		String client = "spring.cloud.gateway.server.webflux.httpclient.";
		String instances = "spring.cloud.discovery.client.simple.instances.";
		return builder.trust(TestCertificates.localhost(), MISNAMED)
			.set(client + "proxy.host", "localhost")
			.set(client + "proxy.port", proxy.port())
			.set(client + "proxy.non-proxy-hosts-pattern", "localhost|127\\..*")
			// Sessions must not use the connection pool of HTTP requests
			.set(client + "pool.type", "fixed")
			.set(client + "pool.max-connections", "1")
			.set("ws-policy.pipelines.default.limits.inbound-message", "64MB")
			.set("ws-policy.pipelines.default.limits.outbound-message", "64MB")
			// Much more than a test needs for an answer, however busy the machine is
			.set("ws-policy.pipelines.default.session.close-timeout", "1m")
			// This class blocks when it is initialized
			.set("spring.cloud.loadbalancer.eager-load.clients", "chat,safe,nobody")
			.set(instances + "chat[0].uri", "http://localhost:" + plain.port())
			.set(instances + "safe[0].uri", "https://localhost:" + secure.port())
			.set(instances + "safe[0].secure", "true")
			.route("ws", plain.uri())
			.route("http", "http://localhost:" + plain.port())
			.route("wss", secure.uri())
			.route("https", "https://localhost:" + secure.port())
			.route("lb-ws", "lb:ws://chat")
			.route("lb", "lb://chat")
			.route("lb-wss", "lb:wss://safe")
			.route("lb-safe", "lb://safe")
			.route("lb-none", "lb:ws://nobody")
			.route("untrusted", untrusted.uri())
			.route("misnamed", misnamed.uri())
			.route("proxied", "ws://far.example.com:8080");
	}

	@AfterAll
	static void stop() {
		gateway.close();
		plainGateway.close();
		List.of(plain, secure, untrusted, misnamed, proxy).forEach(RawUpstream::close);
	}

	@AfterEach
	void allResourcesAreReleased() {
		gateway.awaitNoSessions();
		plainGateway.awaitNoSessions();
	}

	@ParameterizedTest
	@ValueSource(strings = { "ws", "http", "wss", "https", "lb-ws", "lb", "lb-wss", "lb-safe" })
	void anyClientToAnyUpstream(String route) {
		boolean tls = List.of("wss", "https", "lb-wss", "lb-safe").contains(route);
		RawUpstream upstream = tls ? secure : plain;
		for (RawClient client : List.of(gateway.client(), plainGateway.client())) {
			try (RawSession session = RawSession.open(client.path("/" + route), upstream)) {
				WireFrame text = WireFrame.text("x".repeat(100_000)).mask(0x12345678);
				CompletableFuture<Void> sent = session.client().sendAsync(text.encode());
				assertThat(session.upstream().receiveFrame()).isEqualTo(text);
				assertThat(sent).succeedsWithin(Duration.ofSeconds(30));
				session.upstream().send(text.unmasked());
				assertThat(session.client().receiveFrame()).isEqualTo(text.unmasked());
				session.client().send(WireFrame.close(4000, "bye").masked());
				assertThat(session.upstream().receiveFrame().closeReason()).isEqualTo("bye");
				session.upstream().send(WireFrame.close(4000, "bye bye"));
				assertThat(session.client().receiveFrame().closeReason()).isEqualTo("bye bye");
				session.client().expectEof();
				session.client().close();
				session.upstream().shutdownOutput();
				session.upstream().expectEof();
			}
		}
	}

	@Test
	void tlsIsVisibleToPolicies() {
		try (RawSession session = RawSession.open(gateway.client().path("/ws"), plain)) {
			UpgradeContext upgrade = await()
				.until(() -> gateway.sessions().stream().findFirst().orElse(null), Objects::nonNull)
				.upgrade();
			assertThat(upgrade.tls()).isNotNull();
			assertThat(upgrade.uri().getScheme()).isEqualTo("https");
			assertThat(session.client().handshakeResponse().status()).isEqualTo(101);
		}
	}

	@Test
	void tlsConnectionThatEndsWithoutACloseFrame() {
		try (RawSession session = RawSession.open(gateway.client().path("/wss"), secure)) {
			session.client().shutdownOutput();
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			session.upstream().shutdownOutput();
		}
		try (RawSession session = RawSession.open(gateway.client().path("/wss"), secure)) {
			session.upstream().close();
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1011);
			session.client().send(WireFrame.close(1011).masked());
			session.client().expectEof();
		}
	}

	@Test
	void tlsConnectionThatEndsWithinAFrameResetsTheOtherSide() {
		try (RawSession session = RawSession.open(gateway.client().path("/wss"), secure)) {
			byte[] frame = WireFrame.binary(new byte[1000]).encode();
			session.upstream().send(Arrays.copyOf(frame, 500));
			session.client().receiveBytes(500);
			session.upstream().reset();
			session.client().expectReset();
		}
	}

	@Test
	void backPressureThroughTls() {
		RawClient client = gateway.client().path("/wss").receiveBuffer(64 * 1024);
		try (RawSession session = RawSession.open(client, secure)) {
			byte[] frame = WireFrame.binary(new byte[100_000]).encode();
			byte[][] frames = new byte[160][];
			Arrays.fill(frames, frame);
			CompletableFuture<Void> sent = session.upstream().sendAsync(frames);
			await().until(() -> gateway.onlySession().buffered(Side.CLIENT) > 0);
			session.upstream().expectNothingFor(Duration.ofMillis(700));
			assertThat(sent).isNotDone();
			session.client().recordReceived(false);
			for (int i = 0; i < frames.length; i++) {
				assertThat(session.client().receiveFrame().payload()).hasSize(100_000);
			}
			assertThat(sent).succeedsWithin(Duration.ofSeconds(30));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "untrusted", "misnamed" })
	void untrustedCertificate(String route) {
		assertThat(gateway.client().path("/" + route).exchange().status()).isEqualTo(502);
	}

	@Test
	void noInstanceAvailable() {
		assertThat(gateway.client().path("/lb-none").exchange().status()).isEqualTo(503);
	}

	@Test
	void throughAProxy() throws Exception {
		try (ClientHandshake client = plainGateway.client().path("/proxied/x").start()) {
			UpstreamHandshake connect = proxy.accept();
			assertThat(connect.requestLine()).isEqualTo("CONNECT far.example.com:8080 HTTP/1.1");
			connect.answer("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
			RawPeer peer = connect.peer();
			ByteArrayOutputStream head = new ByteArrayOutputStream();
			while (!head.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
				head.writeBytes(peer.receiveBytes(1));
			}
			String request = head.toString(StandardCharsets.UTF_8);
			assertThat(request).startsWith("GET /proxied/x HTTP/1.1\r\n");
			Matcher key = Pattern.compile("(?i)sec-websocket-key: (.*)\r\n").matcher(request);
			assertThat(key.find()).isTrue();
			byte[] accept = MessageDigest.getInstance("SHA-1")
				.digest((key.group(1) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.UTF_8));
			peer.send(("HTTP/1.1 101 ok\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: "
					+ Base64.getEncoder().encodeToString(accept) + "\r\n\r\n")
				.getBytes(StandardCharsets.UTF_8));
			RawPeer session = client.connected();
			session.send(WireFrame.text("far").masked());
			assertThat(peer.receiveFrame().payloadAsText()).isEqualTo("far");
			peer.close();
		}
	}

	@Test
	void plainHttpWorksBesideSessions() {
		List<RawSession> sessions = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			sessions.add(RawSession.open(gateway.client().path("/http"), plain));
		}
		try (ClientHandshake client = gateway.client().path("/http").withoutUpgrade().start()) {
			plain.accept().refuse(200, "hello");
			assertThat(client.response().bodyAsText()).isEqualTo("hello");
		}
		sessions.forEach(RawSession::close);
	}

	@Test
	void manySessionsAtOnceOnSeveralLoops() {
		gateway.bean(Beans.class).threads.clear();
		List<RawSession> sessions = new ArrayList<>();
		for (int round = 0; round < 5; round++) {
			List<ClientHandshake> handshakes = new ArrayList<>();
			for (int i = 0; i < 10; i++) {
				handshakes.add(gateway.client().path("/wss?" + i).start());
			}
			RawPeer[] servers = new RawPeer[10];
			for (int i = 0; i < 10; i++) {
				UpstreamHandshake handshake = secure.accept();
				servers[Integer.parseInt(handshake.target().substring("/wss?".length()))] = handshake.acceptWebSocket();
			}
			for (int i = 0; i < 10; i++) {
				sessions.add(new RawSession(handshakes.get(i).connected(), Objects.requireNonNull(servers[i])));
			}
		}
		await().until(() -> gateway.sessions().size() == 50);
		for (int i = 0; i < sessions.size(); i++) {
			sessions.get(i).client().send(WireFrame.text("to " + i).masked());
			sessions.get(i).upstream().send(WireFrame.text("from " + i));
		}
		for (int i = 0; i < sessions.size(); i++) {
			assertThat(sessions.get(i).upstream().receiveFrame().payloadAsText()).isEqualTo("to " + i);
			assertThat(sessions.get(i).client().receiveFrame().payloadAsText()).isEqualTo("from " + i);
		}
		assertThat(gateway.bean(Beans.class).threads).hasSizeGreaterThan(1);
		sessions.forEach(RawSession::close);
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private final Set<String> threads = ConcurrentHashMap.newKeySet();

		@Bean
		SessionListener listener() {
			return new SessionListener() {

				@Override
				public void onOpen(ProxiedSession session) {
					Beans.this.threads.add(Thread.currentThread().getName());
				}

			};
		}

	}

}
