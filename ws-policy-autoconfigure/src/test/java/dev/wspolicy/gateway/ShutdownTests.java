package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Sessions end with the application, and do not hold it up.
 */
class ShutdownTests {

	@RegisterExtension
	final GatewayExtension gateway = GatewayExtension.with().routes("ws");

	@Test
	void bothSidesAreToldAndShutdownWaitsForThemOnly() throws Exception {
		try (RawSession session = this.gateway.open("ws/a")) {
			CompletableFuture<Void> closed = CompletableFuture.runAsync(this.gateway.gateway()::close);
			assertGoingAway(session.client(), WireFrame.close(1001).masked());
			assertGoingAway(session.upstream(), WireFrame.close(1001));
			session.upstream().close();
			session.client().expectEof();
			closed.get(10, TimeUnit.SECONDS);
		}
	}

	@Test
	void upgradesAreRefusedWhileDraining() {
		LiveSessions sessions = this.gateway.bean(LiveSessions.class);
		assertThat(sessions.drain(Duration.ZERO)).isCompleted();
		RawResponse response = this.gateway.client().path("/ws/a").exchange();
		assertThat(response.status()).isEqualTo(503);
		assertThat(response.headers().all("Retry-After")).hasSize(1);
		assertThat(this.gateway.upstream().acceptedConnections()).isZero();
		sessions.welcome();
		this.gateway.open("ws/a").close();
	}

	@Test
	void aWindowSpreadsTheClosings() {
		List<RawSession> sessions = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			sessions.add(this.gateway.open("ws/a"));
		}
		LiveSessions registry = this.gateway.bean(LiveSessions.class);
		long begin = System.nanoTime();
		CompletableFuture<Void> drained = registry.drain(Duration.ofSeconds(1));
		sessions.parallelStream().forEach((session) -> {
			assertGoingAway(session.client(), WireFrame.close(1001).masked());
			assertGoingAway(session.upstream(), WireFrame.close(1001));
			session.upstream().close();
			session.client().expectEof();
			session.client().close();
		});
		assertThat(drained).succeedsWithin(Duration.ofSeconds(5));
		// That all twenty fall into the first tenth happens once in 10^20 times.
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(100));
	}

	@Test
	void noSessionOutlivesThePhase() throws Exception {
		try (TestGateway impatient = TestGateway.with()
			.route("ws", this.gateway.upstream().uri())
			.set("spring.lifecycle.timeout-per-shutdown-phase", "2s")
			.set("ws-policy.drain.window", "1h")
			.set("ws-policy.pipelines.slow.session.close-timeout", "1h")
			.start(); RawSession session = RawSession.open(impatient.client().path("/ws/a"), this.gateway.upstream())) {
			CompletableFuture<Void> closed = CompletableFuture.runAsync(impatient::close);
			// Neither answers: what the longest closing handshake would wait for.
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			session.client().expectClosed();
			closed.get(30, TimeUnit.SECONDS);
		}
	}

	@Test
	void closingHandshakesHaveTheTimeThatARefreshHasGivenThem() throws Exception {
		TestGateway changed = TestGateway.with()
			.route("ws", this.gateway.upstream().uri())
			.set("ws-policy.pipelines.default.session.close-timeout", "1ms")
			.start();
		changed.refresh(Map.of("ws-policy.pipelines.default.session.close-timeout", "30s"));
		try (RawSession session = RawSession.open(changed.client().path("/ws/a"), this.gateway.upstream())) {
			changed.onlySession();
			SessionRegistry sessions = changed.sessions();
			CompletableFuture<Void> closed = CompletableFuture.runAsync(changed::close);
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			// Longer than it would be waited for by what was configured before.
			await().during(Duration.ofMillis(1500)).atMost(Duration.ofSeconds(10)).until(() -> sessions.size() == 1);
			session.client().send(WireFrame.close(1001).masked());
			session.upstream().send(WireFrame.close(1001));
			session.upstream().close();
			session.client().expectEof();
			closed.get(30, TimeUnit.SECONDS);
		}
	}

	private static void assertGoingAway(RawPeer peer, WireFrame answer) {
		assertThat(peer.receiveFrame().closeCode()).isEqualTo(1001);
		peer.send(answer);
	}

}
