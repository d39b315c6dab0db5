package dev.wspolicy.gateway;

import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for streams that end while something that came in them has not been read. Netty
 * tells such a stream of nothing.
 */
class Http2UnreadStreamTests extends AbstractHttp2StreamTests {

	Http2UnreadStreamTests() {
		super("1s");
	}

	@Test
	void lostConnectionEndsStalledSession() {
		Http2Connection connection = client().connectHttp2();
		RawSession session = this.gateway.open(client().over(connection));
		CompletableFuture<Void> flood = flood(session, 40);
		awaitStall(session);
		assertThat(flood).isNotDone();
		connection.reset();
		await().until(() -> this.gateway.sessions().size() == 0);
		assertThat(this.gateway.recorder().terminations()).extracting(Termination::cause)
			.containsExactly(Cause.CONNECTION_LOST);
		session.upstream().reset();
		this.gateway.closeSessions();
	}

	@Test
	void endThatHasNotBeenReadDoesNotOvertakeAClose() {
		byte[] message = WireFrame.binary(new byte[5_000]).masked().encode();
		try (Http2Connection connection = client().connectHttp2()) {
			RawSession session = this.gateway.open(client().over(connection));
			ProxiedSession proxied = this.gateway.onlySession();
			RawSession neighbour = this.gateway.open(client().over(connection));
			// Netty takes what comes next although the stream is not read any more
			for (int more = 2; more > 0; more -= sendAndSee(session, message, proxied, neighbour) ? 0 : 1) {
				// Until two have not been read
			}
			session.client().shutdownOutput();
			neighbour.roundTrip();
			assertThat(proxied.isOpen()).isTrue();
			proxied.close(CloseStatus.POLICY_VIOLATION, CloseStatus.POLICY_VIOLATION);
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1008);
			WireFrame received = session.upstream().receiveFrame();
			while (received.payload().length == 5_000) {
				received = session.upstream().receiveFrame();
			}
			assertThat(received.closeCode()).isEqualTo(1008);
			this.gateway.closeSessions();
		}
	}

	/** Sends a message, and returns whether the gateway reads it. */
	private static boolean sendAndSee(RawSession session, byte[] message, ProxiedSession proxied,
			RawSession neighbour) {
		long before = proxied.counts(Direction.INBOUND).bytes();
		session.client().send(message);
		// Comes behind it
		neighbour.roundTrip();
		return proxied.counts(Direction.INBOUND).bytes() > before;
	}

	@Test
	void refusedStreamReleasesWhatHasCome() {
		try (Http2Connection connection = client().connectHttp2()) {
			ClientHandshake client = client().over(connection).start();
			UpstreamHandshake request = this.gateway.upstream().accept();
			sendBeforeTheAnswer(client);
			request.refuse(418, "no");
			assertThat(client.response().status()).isEqualTo(418);
			await().until(() -> usedBytes() == 0);
			assertThat(connection.isOpen()).isTrue();
		}
	}

	@Test
	void streamThatIsResetBeforeTheAnswerEndsTheDial() {
		try (Http2Connection connection = client().connectHttp2()) {
			ClientHandshake client = client().over(connection).start();
			UpstreamHandshake request = this.gateway.upstream().accept();
			sendBeforeTheAnswer(client);
			client.peer().reset();
			request.peer().expectClosed();
			await().until(() -> usedBytes() == 0);
			assertThat(connection.isOpen()).isTrue();
		}
	}

	@Test
	void connectionThatIsLostBeforeTheAnswerEndsTheDial() {
		Http2Connection connection = client().connectHttp2();
		ClientHandshake client = client().over(connection).start();
		UpstreamHandshake request = this.gateway.upstream().accept();
		sendBeforeTheAnswer(client);
		connection.reset();
		request.peer().expectClosed();
		await().until(() -> usedBytes() == 0);
	}

	@Test
	void framesOfOneByteDoNotWasteMemory() {
		try (Http2Connection connection = client().connectHttp2()) {
			ClientHandshake client = client().over(connection).start();
			UpstreamHandshake request = this.gateway.upstream().accept();
			connection.sendData(connection.lastStream(), 60_000);
			// Comes behind them
			try (RawSession neighbour = this.gateway.open(client().over(connection))) {
				neighbour.roundTrip();
			}
			assertThat(usedBytes()).isBetween(60_000L, 180_000L);
			request.refuse(418, "no");
			assertThat(client.response().status()).isEqualTo(418);
			await().until(() -> usedBytes() == 0);
		}
	}

	/** The handlers of the stream take the first of these; the others wait in it. */
	private void sendBeforeTheAnswer(ClientHandshake client) {
		for (int i = 1; i <= 3; i++) {
			int sent = i * 15_000;
			client.peer().send(WireFrame.binary(new byte[15_000]).masked());
			await().until(() -> usedBytes() >= sent);
		}
	}

}
