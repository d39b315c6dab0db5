package dev.wspolicy.gateway;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for clients that end TLS and leave TCP open, and for those whose connection is
 * reset. What they have sent before is delivered, and the upstream is told.
 */
class LostTlsConnectionTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Policies.class)
		.http2()
		.tls()
		// Nothing waits for these
		.pipeline("session.close-timeout", "1m")
		.pipeline("session.verdict-timeout", "1m")
		.pipeline("reading", "inbound[0]", "frame-log")
		.pipeline("waiting", "inbound[0]", "waiting")
		.routes("plain")
		.routesByName("reading", "waiting")
		.everyEndIsAskedFor();

	@ParameterizedTest
	@CsvSource({ "HTTP_1_1, plain", "HTTP_1_1, reading", "HTTP_2, plain", "HTTP_2, reading" })
	void endOfTls(ClientLeg leg, String route) {
		WireFrame[] frames = frames(200);
		try (RawSession session = gateway.open(route)) {
			session.client().send(frames);
			session.client().endTls();
			assertThat(session.upstream().receiveFrames(frames.length)).containsExactly(frames);
			endAfterLoss(session.upstream());
			session.client().expectClosed();
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
	}

	@ParameterizedTest
	@EnumSource
	void endOfTlsBehindAPendingVerdict(ClientLeg leg) {
		WireFrame[] frames = frames(20);
		try (RawSession session = gateway.open("waiting")) {
			session.client().send(WireFrame.text("wait").masked());
			CompletableFuture<Verdict> asked = gateway.bean(WaitingPolicy.class).awaitAsked();
			session.client().send(frames);
			session.client().endTls();
			if (leg == ClientLeg.HTTP_2) {
				// The connection is read although the session is not
				session.client().expectClosed();
			}
			asked.complete(Verdict.forward());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("wait");
			assertThat(session.upstream().receiveFrames(frames.length)).containsExactly(frames);
			endAfterLoss(session.upstream());
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
	}

	/** What is half written to the upstream cannot be followed by a close frame. */
	@ParameterizedTest
	@EnumSource
	void resetWithinAFrameThatIsBeingForwarded(ClientLeg leg) {
		WireFrame[] frames = frames(3);
		try (RawSession session = gateway.open("plain")) {
			session.client().send(withHalf(frames));
			assertThat(session.upstream().receiveFrames(3)).containsExactly(frames);
			session.upstream().receiveBytes(500);
			session.client().resetConnection();
			session.upstream().expectReset();
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
	}

	@ParameterizedTest
	@EnumSource
	void resetWithinAFrameThatIsBeingRead(ClientLeg leg) {
		WireFrame[] frames = frames(3);
		try (RawSession session = gateway.open("reading")) {
			session.client().send(withHalf(frames));
			assertThat(session.upstream().receiveFrames(3)).containsExactly(frames);
			session.client().resetConnection();
			endAfterLoss(session.upstream());
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
	}

	@Test
	void resetOfAConnectionWhoseStreamWaitsForAVerdict() {
		WireFrame[] frames = frames(20);
		RawClient client = gateway.client().over(ClientLeg.HTTP_2);
		try (Http2Connection connection = client.connectHttp2();
				RawSession session = gateway.open(client.path("/waiting").over(connection));
				RawSession other = gateway.open(gateway.client().path("/plain").over(connection))) {
			session.client().send(WireFrame.text("wait").masked());
			CompletableFuture<Verdict> asked = gateway.bean(WaitingPolicy.class).awaitAsked();
			session.client().send(withHalf(frames));
			// Comes behind those frames, so they have arrived
			other.roundTrip();
			connection.reset();
			endAfterLoss(other.upstream());
			asked.complete(Verdict.forward());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("wait");
			assertThat(session.upstream().receiveFrames(frames.length)).containsExactly(frames);
			endAfterLoss(session.upstream());
		}
		gateway.awaitNoSessions();
		assertThat(gateway.recorder().terminations()).extracting("cause")
			.containsExactly(Cause.CONNECTION_LOST, Cause.CONNECTION_LOST);
		gateway.recorder().clear();
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void bytesThatAreNotTls(CapturedOutput output) {
		RawClient client = gateway.client().over(ClientLeg.HTTP_2);
		try (Http2Connection connection = client.connectHttp2();
				RawSession session = gateway.open(client.path("/plain").over(connection))) {
			connection.breakTls();
			endAfterLoss(session.upstream());
			assertThat(connection.awaitClose()).isTrue();
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
		assertThat(output).doesNotContain("exceptionCaught");
	}

	/** No stream of the connection can get anything any more, so none is waited for. */
	@Test
	void bytesThatAreNotTlsBehindAPendingVerdict() {
		RawClient client = gateway.client().over(ClientLeg.HTTP_2);
		try (Http2Connection connection = client.connectHttp2();
				RawSession session = gateway.open(client.path("/waiting").over(connection))) {
			session.client().send(WireFrame.text("wait").masked());
			CompletableFuture<Verdict> asked = gateway.bean(WaitingPolicy.class).awaitAsked();
			connection.breakTls();
			assertThat(connection.awaitClose()).isTrue();
			asked.complete(Verdict.forward());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("wait");
			endAfterLoss(session.upstream());
		}
		assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
	}

	private static void endAfterLoss(RawPeer upstream) {
		assertThat(upstream.receiveFrame().closeCode()).isEqualTo(1001);
		upstream.send(WireFrame.close(1001));
		upstream.shutdownOutput();
		upstream.expectEof();
	}

	private static WireFrame[] frames(int count) {
		WireFrame[] frames = new WireFrame[count];
		// Over HTTP/2, the window of a stream has room for two of the longer ones
		Arrays.setAll(frames, (i) -> WireFrame.binary(new byte[(i % 100 < 2) ? 25_000 : i]).mask(i));
		return frames;
	}

	private static byte[] withHalf(WireFrame... frames) {
		byte[] whole = WireFrame.encodeAll(frames);
		byte[] bytes = Arrays.copyOf(whole, whole.length + 500);
		System.arraycopy(WireFrame.binary(new byte[1000]).masked().encode(), 0, bytes, whole.length, 500);
		return bytes;
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		WaitingPolicy waiting() {
			return new WaitingPolicy();
		}

	}

}
