package dev.wspolicy.gateway;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions end with the application, and do not hold it up.
 */
class ShutdownTests {

	private RawUpstream upstream;

	private TestGateway gateway;

	@BeforeEach
	void start() {
		this.upstream = RawUpstream.start();
		this.gateway = TestGateway.with().route("ws", this.upstream.uri()).start();
	}

	@AfterEach
	void stop() {
		this.gateway.close();
		this.upstream.close();
	}

	@Test
	void bothSidesAreToldAndShutdownWaitsForThemOnly() throws Exception {
		try (RawSession session = RawSession.open(this.gateway.client().path("/ws/a"), this.upstream)) {
			CompletableFuture<Void> closed = CompletableFuture.runAsync(this.gateway::close);
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
		assertThat(sessions.drain()).isCompleted();
		RawResponse response = this.gateway.client().path("/ws/a").exchange();
		assertThat(response.status()).isEqualTo(503);
		assertThat(response.headers().all("Retry-After")).hasSize(1);
		assertThat(this.upstream.acceptedConnections()).isZero();
		sessions.welcome();
		RawSession.open(this.gateway.client().path("/ws/a"), this.upstream).close();
	}

	private static void assertGoingAway(RawPeer peer, WireFrame answer) {
		assertThat(peer.receiveFrame().closeCode()).isEqualTo(1001);
		peer.send(answer);
	}

}
