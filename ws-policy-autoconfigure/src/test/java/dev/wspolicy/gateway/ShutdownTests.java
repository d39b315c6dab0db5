package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that sessions end with the application, and do not delay it.
 */
@ParameterizedClass
@EnumSource(ClientLeg.class)
class ShutdownTests {

	@RegisterExtension
	final GatewayExtension gateway = GatewayExtension.with().http2().routes("ws");

	@Parameter
	ClientLeg leg;

	@Test
	void bothSidesAreClosedAndShutdownWaitsForThem() throws Exception {
		try (RawSession session = this.gateway.open("ws/a")) {
			CompletableFuture<Void> closed = CompletableFuture.runAsync(this.gateway.gateway()::close);
			assertGoingAway(session.client(), WireFrame.close(1001).masked());
			assertGoingAway(session.upstream(), WireFrame.close(1001));
			session.upstream().close();
			session.client().expectEof();
			session.client().close();
			closed.get(30, TimeUnit.SECONDS);
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
		sessions.endDrain();
		this.gateway.open("ws/a").close();
	}

	@Test
	void windowSpreadsTheCloses() {
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
		assertThat(drained).succeedsWithin(Duration.ofSeconds(30));
		// The probability that all twenty fall into the first tenth is 10^-20.
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(100));
	}

	@Test
	void noSessionOutlivesThePhase() throws Exception {
		try (TestGateway impatient = TestGateway.with()
			.http2()
			.route("ws", this.gateway.upstream().uri())
			// The sessions are closed at once, and have ended after nine tenths of this
			.set("spring.lifecycle.timeout-per-shutdown-phase", "5s")
			.set("ws-policy.pipelines.slow.session.close-timeout", "1h")
			.start();
				RawSession session = RawSession.open(impatient.client().over(this.leg).path("/ws/a"),
						this.gateway.upstream())) {
			CompletableFuture<Void> closed = CompletableFuture.runAsync(impatient::close);
			// Neither peer replies, so that the shutdown would wait for the longest close
			// timeout.
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			session.client().expectClosed();
			closed.get(30, TimeUnit.SECONDS);
		}
	}

	@Test
	void windowIsCutToThePhase() throws Exception {
		try (TestGateway slow = TestGateway.with()
			.http2()
			.route("ws", this.gateway.upstream().uri())
			.set("spring.lifecycle.timeout-per-shutdown-phase", "10m")
			.set("ws-policy.drain.window", "1h")
			.set("ws-policy.pipelines.default.session.close-timeout", "59s")
			.start();
				RawSession session = RawSession.open(slow.client().over(this.leg).path("/ws/a"),
						this.gateway.upstream())) {
			slow.onlySession();
			SessionRegistry sessions = slow.sessions();
			CompletableFuture<Void> closed = CompletableFuture.runAsync(slow::close);
			DrainProgress drain = await().until(sessions::drain, Optional::isPresent).orElseThrow();
			// Nine tenths of the phase, without the close timeout and a second
			assertThat(drain.window()).isEqualTo(Duration.ofMinutes(8));
			session.client().close();
			session.upstream().close();
			closed.get(30, TimeUnit.SECONDS);
		}
	}

	@Test
	void closeTimeoutOfARefreshApplies() throws Exception {
		TestGateway changed = TestGateway.with()
			.http2()
			.route("ws", this.gateway.upstream().uri())
			.set("ws-policy.pipelines.default.session.close-timeout", "1ms")
			.start();
		changed.refresh(Map.of("ws-policy.pipelines.default.session.close-timeout", "30s"));
		try (RawSession session = RawSession.open(changed.client().over(this.leg).path("/ws/a"),
				this.gateway.upstream())) {
			changed.onlySession();
			SessionRegistry sessions = changed.sessions();
			CompletableFuture<Void> closed = CompletableFuture.runAsync(changed::close);
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			// Longer than the previously configured close timeout.
			await().during(Duration.ofMillis(1500)).atMost(Duration.ofSeconds(30)).until(() -> sessions.size() == 1);
			session.client().send(WireFrame.close(1001).masked());
			session.upstream().send(WireFrame.close(1001));
			session.upstream().close();
			session.client().expectEof();
			session.client().close();
			closed.get(30, TimeUnit.SECONDS);
		}
	}

	private static void assertGoingAway(RawPeer peer, WireFrame answer) {
		assertThat(peer.receiveFrame().closeCode()).isEqualTo(1001);
		peer.send(answer);
	}

}
