package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for what clients of HTTP/2 do besides sending DATA: they announce the end of
 * their connection, resize their windows, and reset streams.
 */
class Http2ClientFramesTests {

	private static final int STREAMS = 3;

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(FewStreams.class)
		.http2()
		.pipeline("session.close-timeout", "1m")
		.pipeline("session.verdict-timeout", "1m")
		.pipeline("reading", "inbound[0]", "frame-log")
		.pipeline("reading", "outbound[0]", "frame-log")
		.pipeline("compressed", "compression.client", true)
		.pipeline("waiting", "inbound[0]", "waiting")
		.routes("ws")
		.routesByName("reading", "compressed", "waiting");

	@Test
	void goAwayLeavesSessionsAndDials() {
		try (Http2Connection connection = client("ws").connectHttp2()) {
			RawSession session = gateway.open(client("ws").over(connection));
			ClientHandshake dialling = client("ws").over(connection).start();
			UpstreamHandshake handshake = gateway.upstream().accept();
			connection.sendGoAway();
			session.roundTrip();
			RawPeer upstream = handshake.acceptWebSocket();
			RawSession dialled = new RawSession(dialling.connected(), upstream);
			close(session);
			dialled.roundTrip();
			close(dialled);
			assertThat(connection.isOpen()).isTrue();
			assertThat(connection.resets()).isEmpty();
		}
		assertClosedInOrder(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ws", "reading", "compressed" })
	void windowsAreResizedBySettings(String route) {
		WireFrame[] frames = new WireFrame[400];
		Arrays.setAll(frames, (i) -> WireFrame.binary(new byte[i % 7 * 1000 + i]));
		try (Http2Connection connection = client(route).connectHttp2()) {
			RawSession session = gateway.open(client(route).over(connection));
			CompletableFuture<Void> sent = session.upstream().sendAsync(WireFrame.encodeAll(frames));
			for (int from = 0; from < frames.length; from += 40) {
				connection.resizeWindows(0);
				session.roundTrip();
				// What has come meanwhile makes this a negative window
				connection.resizeWindows(10);
				connection.resizeWindows(100_000 + from);
				assertThat(session.client().receiveFrames(40))
					.containsExactly(Arrays.copyOfRange(frames, from, from + 40));
			}
			assertThat(sent).succeedsWithin(Duration.ofSeconds(10));
			close(session);
		}
		assertClosedInOrder(1);
	}

	@Test
	void closeFrameWaitsForTheWindow() {
		try (Http2Connection connection = client("ws").connectHttp2()) {
			RawSession session = gateway.open(client("ws").over(connection));
			connection.resizeWindows(0);
			session.roundTrip();
			session.upstream().send(WireFrame.binary(new byte[5000]), WireFrame.close(1000, "done"));
			session.upstream().shutdownOutput();
			await().until(() -> gateway.onlySession().buffered(Side.CLIENT) > 5000);
			connection.resizeWindows(10_000);
			assertThat(session.client().receiveFrame().payload()).hasSize(5000);
			assertThat(session.client().receiveFrame().closeReason()).isEqualTo("done");
			session.client().send(WireFrame.close(1000).masked());
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1000);
			session.upstream().expectEof();
			session.client().expectEof();
		}
		assertClosedInOrder(1);
	}

	@Test
	void resetBehindTheClosingHandshakeIsNoLoss() {
		try (Http2Connection connection = client("ws").connectHttp2()) {
			RawSession session = gateway.open(client("ws").over(connection));
			session.client().send(WireFrame.close(1000).masked());
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1000);
			session.upstream().send(WireFrame.close(1000));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1000);
			session.client().reset();
			session.upstream().shutdownOutput();
			session.upstream().expectEof();
			assertThat(connection.isOpen()).isTrue();
		}
		assertClosedInOrder(1);
	}

	/** What waits for a verdict stays, but not in the window of the connection. */
	@Test
	void resetStreamsGiveTheirWindowBack() {
		try (Http2Connection connection = client("ws").connectHttp2()) {
			RawSession neighbour = gateway.open(client("ws").over(connection));
			// Enough for three times the window of the connection
			for (int i = 0; i < 6 * STREAMS; i++) {
				RawSession stalled = gateway.open(client("waiting").over(connection));
				stalled.client().send(WireFrame.text("wait").masked());
				gateway.bean(WaitingPolicy.class).awaitAsked();
				stalled.client().send(WireFrame.binary(new byte[60_000]).masked());
				stalled.client().reset();
				await().until(() -> connection.openStreams() == 1);
			}
			for (int i = 0; i < 20; i++) {
				neighbour.client().send(WireFrame.binary(new byte[60_000]).masked());
				assertThat(neighbour.upstream().receiveFrame().payload()).hasSize(60_000);
			}
			assertThat(connection.goAways()).isEmpty();
			assertThat(connection.resets()).isEmpty();
		}
		gateway.bean(LiveSessions.class).abort();
		gateway.closeSessions();
	}

	@Test
	void cookiesAreJoined() {
		ClientHandshake client = client("ws").header("Cookie", "a=1")
			.header("Cookie", "b=2")
			.header("Cookie", "c=3; d=4")
			.start();
		try (client) {
			UpstreamHandshake request = gateway.upstream().accept();
			assertThat(request.headers().all("Cookie")).containsExactly("a=1; b=2; c=3; d=4");
		}
	}

	@Test
	void otherProtocolIsNoSession() {
		int before = gateway.upstream().acceptedConnections();
		try (ClientHandshake client = client("ws").method("CONNECT").replace("Upgrade", "chat").start()) {
			assertThat(client.response().status()).isGreaterThanOrEqualTo(400);
		}
		assertThat(gateway.upstream().acceptedConnections()).isEqualTo(before);
	}

	private static RawClient client(String route) {
		return gateway.client().over(ClientLeg.HTTP_2).path("/" + route);
	}

	private static void close(RawSession session) {
		session.client().send(WireFrame.close(1000).masked());
		assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1000);
		session.upstream().send(WireFrame.close(1000));
		assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1000);
		session.endInOrder();
	}

	private static void assertClosedInOrder(int sessions) {
		gateway.awaitNoSessions();
		List<Termination> terminations = gateway.recorder().terminations();
		assertThat(terminations).hasSize(sessions).extracting("cause").containsOnly(Cause.CLOSE_FRAME);
	}

	@Configuration(proxyBeanMethods = false)
	static class FewStreams {

		@Bean
		WaitingPolicy waiting() {
			return new WaitingPolicy();
		}

		@Bean
		WebServerFactoryCustomizer<NettyReactiveWebServerFactory> fewStreams() {
			return (factory) -> factory.addServerCustomizers(
					(server) -> server.http2Settings((settings) -> settings.maxConcurrentStreams(STREAMS)));
		}

	}

}
