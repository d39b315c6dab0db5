package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.Crowd;
import dev.wspolicy.testkit.Crowd.Peer;
import dev.wspolicy.testkit.SessionRecorder;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests the shutdown of a gateway with thousands of live sessions.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DrainTests {

	private static final int SESSIONS = 2000;

	/** Long enough that a pause of the whole machine takes away a part of it only. */
	private static final Duration WINDOW = Duration.ofSeconds(10);

	@Test
	void everyPeerIsClosedAtARandomTimeWithinTheWindow() {
		SessionRecorder recorder = new SessionRecorder();
		try (Crowd crowd = Crowd.start(4096);
				TestGateway gateway = TestGateway.with(WatchedTransport.class)
					.bean(SessionRecorder.class, recorder)
					.route("ws", crowd.uri())
					.set("ws-policy.log-sessions", false)
					.set("ws-policy.drain.window", WINDOW.toMillis() + "ms")
					// Long enough that no session is aborted on a slow machine
					.set("ws-policy.pipelines.default.session.close-timeout", "20s")
					.start()) {
			for (int i = 0; i < SESSIONS; i++) {
				crowd.open(gateway.port(), "/ws", Side.CLIENT);
			}
			SessionRegistry registry = gateway.sessions();
			WatchedTransport transport = gateway.bean(WatchedTransport.class);
			await().until(() -> registry.size() == SESSIONS);
			long begin = System.nanoTime();
			CompletableFuture<Void> closed = CompletableFuture.runAsync(gateway::close);
			List<Long> told = sayGoodBye(crowd.peers(), begin);
			assertThat(closed).succeedsWithin(Duration.ofSeconds(60));
			assertThat(told).hasSize(2 * SESSIONS);
			// Each tenth of the window closes about a tenth of the sessions
			long middle = told.get(told.size() * 9 / 10) - told.get(told.size() / 10);
			assertThat(Duration.ofNanos(middle)).isGreaterThan(WINDOW.dividedBy(3));
			assertThat(registry.size()).isZero();
			assertThat(transport.openChannels()).isZero();
			assertThat(transport.usedBytes()).isZero();
			assertThat(recorder.terminations()).hasSize(SESSIONS)
				.allSatisfy((termination) -> assertThat(termination).returns(Cause.SHUTDOWN, Termination::cause)
					.returns(CloseStatus.GOING_AWAY, Termination::toClient)
					.returns(CloseStatus.GOING_AWAY, Termination::fromClient)
					.returns(CloseStatus.GOING_AWAY, Termination::fromUpstream));
		}
	}

	/** Reply to the close frame and end the connection of each peer. */
	private static List<Long> sayGoodBye(List<Peer> peers, long begin) {
		List<Long> times = new ArrayList<>();
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
				times.add(System.nanoTime() - begin);
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
