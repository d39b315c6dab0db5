package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.netty.handler.codec.http2.Http2Error;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.session.Drain;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for sessions that share an HTTP/2 connection.
 */
class Http2ConnectionTests extends AbstractHttp2StreamTests {

	/** What the server allows by default. */
	private static final int STREAMS = 100;

	Http2ConnectionTests() {
		// Nothing waits for this one
		super("1m");
	}

	@Test
	void stalledSessionsDoNotHoldUpAnother() {
		try (Http2Connection connection = client().connectHttp2()) {
			List<RawSession> stalled = new ArrayList<>();
			List<CompletableFuture<Void>> floods = new ArrayList<>();
			for (int i = 0; i < STREAMS - 1; i++) {
				RawSession session = this.gateway.open(client().over(connection));
				stalled.add(session);
				// The upstream reads nothing of this
				floods.add(flood(session, 20));
			}
			RawSession lively = this.gateway.open(client().over(connection));
			for (RawSession session : stalled) {
				awaitStall(session);
			}
			assertThat(floods).noneMatch(CompletableFuture::isDone);
			for (int i = 0; i < 20; i++) {
				lively.client().send(MESSAGE);
				assertThat(lively.upstream().receiveFrame().payload()).hasSize(60_000);
				lively.upstream().send(WireFrame.text("back " + i));
				assertThat(lively.client().receiveFrame().payloadAsText()).isEqualTo("back " + i);
			}
			assertThat(floods).noneMatch(CompletableFuture::isDone);
			connection.reset();
			stalled.forEach((session) -> session.upstream().reset());
		}
		this.gateway.closeSessions();
		assertThat(usedBytes()).isZero();
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void lostConnectionEndsAllItsSessions(CapturedOutput output) {
		Http2Connection connection = client().connectHttp2();
		List<RawSession> sessions = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			sessions.add(this.gateway.open(client().over(connection)));
		}
		RawSession other = this.gateway.open(client());
		connection.reset();
		for (RawSession session : sessions) {
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			session.upstream().send(WireFrame.close(1001));
			session.upstream().shutdownOutput();
			session.upstream().expectEof();
		}
		await().until(() -> this.gateway.sessions().size() == 1);
		assertThat(this.gateway.recorder().terminations()).hasSize(20)
			.allMatch((termination) -> termination.cause() == Cause.CONNECTION_LOST);
		assertThat(output).doesNotContain("exceptionCaught");
		other.client().send(WireFrame.text("still here").masked());
		assertThat(other.upstream().receiveFrame().payloadAsText()).isEqualTo("still here");
		this.gateway.closeSessions();
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void errorOfTheConnectionEndsItsSessions(CapturedOutput output) {
		try (Http2Connection connection = client().connectHttp2()) {
			RawSession session = this.gateway.open(client().over(connection));
			connection.sendEmptyWindowUpdate(0);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			assertThat(connection.awaitClose()).isTrue();
			assertThat(connection.goAways()).containsExactly(Http2Error.PROTOCOL_ERROR);
		}
		assertThat(output).doesNotContain("exceptionCaught");
		this.gateway.closeSessions();
	}

	@Test
	void closingOneSessionLeavesTheOthers() {
		try (Http2Connection connection = client().connectHttp2()) {
			RawSession closing = this.gateway.open(client().over(connection));
			RawSession resetting = this.gateway.open(client().over(connection));
			RawSession staying = this.gateway.open(client().over(connection));
			closing.client().send(WireFrame.close(1000).masked());
			assertThat(closing.upstream().receiveFrame().closeCode()).isEqualTo(1000);
			closing.upstream().send(WireFrame.close(1000));
			assertThat(closing.client().receiveFrame().closeCode()).isEqualTo(1000);
			closing.endInOrder();
			await().until(() -> connection.openStreams() == 2);
			assertThat(connection.resets()).isEmpty();
			resetting.client().reset();
			assertThat(resetting.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			staying.client().send(WireFrame.text("still here").masked());
			assertThat(staying.upstream().receiveFrame().payloadAsText()).isEqualTo("still here");
			assertThat(connection.goAways()).isEmpty();
			// An abort resets the stream and leaves the connection alone
			this.gateway.bean(LiveSessions.class).abort();
			await().until(() -> connection.openStreams() == 0);
			assertThat(connection.resets()).containsExactly(Http2Error.CANCEL);
			assertThat(connection.isOpen()).isTrue();
		}
		this.gateway.closeSessions();
	}

	@Test
	void drainSendsGoAwayAndLetsSessionsEndInOrder() {
		try (Http2Connection connection = client().connectHttp2()) {
			RawSession one = this.gateway.open(client().over(connection));
			RawSession two = this.gateway.register(client().over(connection));
			CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> this.gateway.gateway().close());
			for (RawSession session : List.of(one, two)) {
				assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
				assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
				assertThat(connection.goAways()).containsExactly(Http2Error.NO_ERROR);
				session.client().send(WireFrame.close(1001).masked());
				session.upstream().send(WireFrame.close(1001));
				session.endInOrder();
			}
			assertThat(stopped).succeedsWithin(Duration.ofSeconds(20));
			assertThat(connection.awaitClose()).isTrue();
		}
	}

	@Test
	void drainLeavesOtherConnectionsAlone() {
		try (Http2Connection idle = client().connectHttp2(); Http2Connection connection = client().connectHttp2()) {
			RawSession session = this.gateway.register(client().over(connection));
			Drain drain = this.gateway.bean(Drain.class);
			drain.begin(Duration.ofMinutes(5), null);
			await().until(() -> !connection.goAways().isEmpty());
			session.client().send(WireFrame.text("not yet").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("not yet");
			RawResponse response = client().over(idle).exchange();
			assertThat(response.status()).isEqualTo(503);
			assertThat(idle.goAways()).isEmpty();
			drain.cancel();
			try (RawSession later = this.gateway.open(client().over(idle))) {
				later.roundTrip();
			}
		}
		this.gateway.closeSessions();
	}

}
