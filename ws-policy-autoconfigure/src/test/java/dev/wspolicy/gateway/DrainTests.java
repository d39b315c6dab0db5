package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.netty.handler.codec.http2.Http2Error;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.Crowd;
import dev.wspolicy.testkit.Crowd.Peer;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.SessionRecorder;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests the shutdown of a gateway with thousands of live sessions.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DrainTests {

	/** For each kind of client leg. */
	private static final int SESSIONS = 1000;

	/** The number of HTTP/2 connections, each with as many streams as are allowed. */
	private static final int CONNECTIONS = 10;

	/** How many sessions of each kind open at the same time. */
	private static final int AT_ONCE = 20;

	/** Long enough that a pause of the whole machine takes away a part of it only. */
	private static final Duration WINDOW = Duration.ofSeconds(10);

	/** Clients of both kinds share a gateway, and a window. */
	@Test
	void everyPeerIsClosedAtARandomTimeWithinTheWindow() {
		SessionRecorder recorder = new SessionRecorder();
		try (Crowd crowd = Crowd.start(4096);
				TestGateway gateway = TestGateway.with(WatchedTransport.class)
					.http2()
					.bean(SessionRecorder.class, recorder)
					.route("ws", crowd.uri())
					.set("ws-policy.log-sessions", false)
					.set("ws-policy.drain.window", WINDOW.toMillis() + "ms")
					// Long enough that no session is aborted on a slow machine
					.set("ws-policy.pipelines.default.session.close-timeout", "20s")
					.start()) {
			List<Http2Connection> connections = new ArrayList<>();
			for (int i = 0; i < CONNECTIONS; i++) {
				connections.add(crowd.connectHttp2(gateway.port()));
			}
			Map<Peer, Http2Connection> streams = new HashMap<>();
			for (int i = 0; i < SESSIONS; i++) {
				crowd.ask(gateway.port(), "/ws/socket/" + i);
				Http2Connection connection = connections.get(i % CONNECTIONS);
				streams.put(crowd.ask(connection, "/ws/stream/" + i), connection);
				if (i % AT_ONCE == AT_ONCE - 1) {
					crowd.answer();
				}
			}
			SessionRegistry registry = gateway.sessions();
			WatchedTransport transport = gateway.bean(WatchedTransport.class);
			await().until(() -> registry.size() == 2 * SESSIONS);
			CompletableFuture<Void> closed = CompletableFuture.runAsync(gateway::close);
			Map<Peer, Long> told = sayGoodBye(crowd.peers(), streams);
			assertThat(closed).succeedsWithin(Duration.ofSeconds(60));
			assertThat(told).hasSize(4 * SESSIONS);
			assertSpread(told.values());
			// Those over HTTP/2 by themselves
			assertSpread(streams.keySet().stream().map(told::get).toList());
			assertThat(connections).allSatisfy((connection) -> assertThat(connection.resets()).isEmpty())
				.allMatch(Http2Connection::awaitClose);
			assertThat(registry.size()).isZero();
			assertThat(transport.openChannels()).isZero();
			assertThat(transport.usedBytes()).isZero();
			assertThat(recorder.terminations()).hasSize(2 * SESSIONS)
				.allSatisfy((termination) -> assertThat(termination).returns(Cause.SHUTDOWN, Termination::cause)
					.returns(CloseStatus.GOING_AWAY, Termination::toClient)
					.returns(CloseStatus.GOING_AWAY, Termination::fromClient)
					.returns(CloseStatus.GOING_AWAY, Termination::fromUpstream));
		}
	}

	/** Each tenth of the window closes about a tenth of the sessions. */
	private static void assertSpread(Collection<Long> told) {
		List<Long> sorted = told.stream().sorted().toList();
		long middle = sorted.get(sorted.size() * 9 / 10) - sorted.get(sorted.size() / 10);
		assertThat(Duration.ofNanos(middle)).isGreaterThan(WINDOW.dividedBy(3));
	}

	/**
	 * Reply to the close frame and end the connection, or the stream, of each peer.
	 * @param peers the peers of both sides
	 * @param streams the clients that use HTTP/2, and their connections
	 * @return when each of them has got its close frame
	 */
	private static Map<Peer, Long> sayGoodBye(List<Peer> peers, Map<Peer, Http2Connection> streams) {
		Map<Peer, Long> times = new HashMap<>();
		List<Peer> waiting = new ArrayList<>(peers);
		List<Peer> ending = new ArrayList<>();
		while (!waiting.isEmpty() || !ending.isEmpty()) {
			waiting.removeIf((peer) -> {
				WireFrame frame = peer.poll();
				if (frame == null) {
					assertThat(peer.hasEnded()).as("ended without a close frame").isFalse();
					return false;
				}
				assertThat(frame.opcode()).isEqualTo(WireFrame.CLOSE);
				assertThat(frame.closeCode()).isEqualTo(1001);
				Http2Connection connection = streams.get(peer);
				if (connection != null) {
					assertThat(connection.goAways()).containsExactly(Http2Error.NO_ERROR);
				}
				times.put(peer, System.nanoTime());
				peer.send(WireFrame.close(1001));
				if (peer.side() == Side.UPSTREAM) {
					peer.shutdownOutput();
				}
				return ending.add(peer);
			});
			ending.removeIf((peer) -> {
				assertThat(peer.poll()).isNull();
				boolean ended = peer.hasEnded();
				if (ended && peer.side() == Side.CLIENT) {
					peer.shutdownOutput();
				}
				return ended;
			});
			Thread.onSpinWait();
		}
		return times;
	}

}
