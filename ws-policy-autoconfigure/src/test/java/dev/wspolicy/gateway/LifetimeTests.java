package dev.wspolicy.gateway;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Timeouts of open sessions, on real sockets.
 */
class LifetimeTests {

	private static RawUpstream upstream;

	private static TestGateway gateway;

	@BeforeAll
	static void start() {
		upstream = RawUpstream.start();
		gateway = TestGateway.with(Listeners.class)
			.route("idle", upstream.uri(), "WsPolicy=idle")
			.route("old", upstream.uri(), "WsPolicy=old")
			.route("heartbeat", upstream.uri(), "WsPolicy=heartbeat")
			.route("slow", upstream.uri(), "WsPolicy=slow")
			.set("ws-policy.pipelines.default.session.close-timeout", "500ms")
			.set("ws-policy.pipelines.idle.session.idle-timeout", "300ms")
			.set("ws-policy.pipelines.old.session.max-duration", "300ms")
			.set("ws-policy.pipelines.heartbeat.session.heartbeat.interval", "200ms")
			.set("ws-policy.pipelines.heartbeat.session.heartbeat.timeout", "300ms")
			.set("ws-policy.pipelines.slow.session.slow-consumer-timeout", "300ms")
			.start();
	}

	@AfterAll
	static void stop() {
		gateway.close();
		upstream.close();
	}

	@Test
	void idle() {
		assertGoingAway("/idle", "idle", Cause.IDLE_TIMEOUT);
	}

	@Test
	void maxDuration() {
		assertGoingAway("/old", "session too old", Cause.MAX_DURATION);
	}

	@Test
	void heartbeatIsAnsweredAndNotRelayed() {
		try (RawSession session = RawSession.open(gateway.client().path("/heartbeat"), upstream)) {
			for (int i = 0; i < 3; i++) {
				WireFrame toClient = session.client().receiveFrame();
				WireFrame toUpstream = session.upstream().receiveFrame();
				assertThat(toClient.opcode()).isEqualTo(WireFrame.PING);
				assertThat(toUpstream.opcode()).isEqualTo(WireFrame.PING);
				session.client().send(WireFrame.pong(toClient.payload()).masked());
				session.upstream().send(WireFrame.pong(toUpstream.payload()));
			}
			session.client().send(WireFrame.text("still here").masked());
			assertThat(nextButPings(session.upstream()).payloadAsText()).isEqualTo("still here");
		}
		awaitEnd(Cause.CONNECTION_LOST);
	}

	@Test
	void heartbeatMissed() {
		try (RawSession session = RawSession.open(gateway.client().path("/heartbeat"), upstream)) {
			WireFrame ping = session.upstream().receiveFrame();
			assertThat(ping.opcode()).isEqualTo(WireFrame.PING);
			session.upstream().send(WireFrame.pong(ping.payload()));
			WireFrame close = nextButPings(session.client());
			assertThat(close.closeCode()).isEqualTo(1001);
			assertThat(close.closeReason()).isEqualTo("heartbeat missed");
			awaitEnd(Cause.HEARTBEAT_MISSED);
			assertThat(gateway.bean(Listeners.class).missed).containsExactly(Side.CLIENT);
		}
	}

	@Test
	void slowConsumer() {
		try (RawSession session = RawSession.open(gateway.client().path("/slow").receiveBuffer(4096), upstream)) {
			byte[] message = WireFrame.binary(new byte[1_000_000]).encode();
			byte[][] messages = new byte[30][];
			Arrays.fill(messages, message);
			session.upstream().sendAsync(messages);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			awaitEnd(Cause.SLOW_CONSUMER);
		}
	}

	private static WireFrame nextButPings(RawPeer peer) {
		WireFrame frame = peer.receiveFrame();
		while (frame.opcode() == WireFrame.PING) {
			frame = peer.receiveFrame();
		}
		return frame;
	}

	private static void assertGoingAway(String path, String reason, Cause cause) {
		try (RawSession session = RawSession.open(gateway.client().path(path), upstream)) {
			WireFrame toClient = session.client().receiveFrame();
			WireFrame toUpstream = session.upstream().receiveFrame();
			assertThat(toClient.closeCode()).isEqualTo(1001);
			assertThat(toClient.closeReason()).isEqualTo(reason);
			assertThat(toUpstream.closeCode()).isEqualTo(1001);
			session.client().send(WireFrame.close(1001).masked());
			session.upstream().send(WireFrame.close(1001));
			session.client().expectEof();
		}
		awaitEnd(cause);
	}

	private static void awaitEnd(Cause cause) {
		Queue<Termination> ended = gateway.bean(Listeners.class).ended;
		await().until(() -> !ended.isEmpty());
		assertThat(ended.remove().cause()).isEqualTo(cause);
		assertThat(gateway.sessions().size()).isZero();
	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		private final Queue<Termination> ended = new ConcurrentLinkedQueue<>();

		private final Queue<Side> missed = new ConcurrentLinkedQueue<>();

		@Bean
		SessionListener recorder() {
			return new SessionListener() {

				@Override
				public void onHeartbeatMissed(ProxiedSession session, Side side) {
					Listeners.this.missed.add(side);
				}

				@Override
				public void onClose(ProxiedSession session, Termination termination) {
					Listeners.this.ended.add(termination);
				}

			};
		}

	}

}
