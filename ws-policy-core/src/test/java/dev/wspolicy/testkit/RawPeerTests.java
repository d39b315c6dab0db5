package dev.wspolicy.testkit;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import javax.net.ssl.SSLContext;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.testkit.WireFrame.LengthForm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@link RawPeer} at both ends of a connection, without a gateway in between.
 */
@ParameterizedClass(name = "TLS: {0}")
@ValueSource(booleans = { false, true })
@ExtendWith(LeakWatch.class)
class RawPeerTests {

	private static final Duration SHORT = Duration.ofMillis(50);

	@Parameter
	boolean tls;

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 125, 126, 127, 65_535, 65_536, 300_000 })
	void framesOfAnyLengthCrossInBothDirections(int length) {
		byte[] payload = new byte[length];
		new Random(length).nextBytes(payload);
		try (RawUpstream server = server(); RawSession session = open(server)) {
			WireFrame frame = WireFrame.binary(payload);
			session.client().send(frame.masked());
			assertThat(session.upstream().receiveFrame()).isEqualTo(frame.masked());
			assertThat(session.upstream().receivedBytes()).isEqualTo(frame.masked().encode());
			session.upstream().send(frame);
			assertThat(session.client().receiveFrame()).isEqualTo(frame);
			assertThat(session.client().receivedBytes()).isEqualTo(frame.encode());
		}
	}

	@Test
	void wrongFramesCrossAsTheyAre() {
		WireFrame[] frames = { WireFrame.text("a").lengthForm(LengthForm.SIXTEEN_BIT),
				WireFrame.text("b").lengthForm(LengthForm.SIXTY_FOUR_BIT).masked(), WireFrame.ping(new byte[126]),
				WireFrame.close(1000).fin(false), WireFrame.of(0xF, (byte) 1).rsv(7),
				WireFrame.text(new byte[] { -1 }) };
		try (RawUpstream server = server(); RawSession session = open(server)) {
			session.client().send(frames);
			assertThat(session.upstream().receiveFrames(frames.length)).containsExactly(frames);
			session.upstream().send(frames);
			assertThat(session.client().receiveFrames(frames.length)).containsExactly(frames);
		}
	}

	@Test
	void piecesMakeTheSameBytes() {
		WireFrame[] fragments = WireFrame.text("Hello, fragments").masked().fragments(5);
		try (RawUpstream server = server(); RawSession session = open(server)) {
			session.client().sendByteByByte(fragments);
			assertThat(session.upstream().receiveFrames(4)).containsExactly(fragments);
			session.client().sendInPieces(3, WireFrame.encodeAll(fragments));
			assertThat(session.upstream().receiveFrames(4)).containsExactly(fragments);
			session.upstream().recordReceived(true);
			session.client().send(new byte[] { 1, 2, 3 });
			assertThat(session.upstream().receiveBytes(2)).containsExactly(1, 2);
			assertThat(session.upstream().receivedBytes()).containsExactly(1, 2);
			session.upstream().recordReceived(false);
			assertThat(session.upstream().receiveBytes(1)).containsExactly(3);
			assertThat(session.upstream().receivedBytes()).isEmpty();
		}
	}

	@Test
	void closeIsSeenAsEof() {
		try (RawUpstream server = server(); RawSession session = open(server)) {
			session.upstream().send(WireFrame.ping("unread"));
			session.client().send(WireFrame.text("last").masked());
			assertThat(session.upstream().receiveFrame()).isEqualTo(WireFrame.text("last").masked());
			session.client().close();
			session.client().close();
			session.upstream().expectEof();
		}
		try (RawUpstream server = server(); RawSession session = open(server)) {
			session.upstream().close();
			session.client().expectClosed();
		}
	}

	@Test
	void shutdownOfTheOutputLeavesTheInputOpen() {
		try (RawUpstream server = server(); RawSession session = open(server)) {
			session.client().shutdownOutput();
			session.upstream().expectEof();
			session.upstream().send(WireFrame.text("late"));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.text("late"));
		}
	}

	@Test
	void resetIsSeen() {
		try (RawUpstream server = server(); RawSession session = open(server)) {
			session.client().reset();
			session.upstream().expectReset();
			session.upstream().expectClosed();
		}
		try (RawUpstream server = server(); RawSession session = open(server)) {
			session.upstream().send(new byte[1]);
			assertThat(session.client().endsNext()).isFalse();
			session.upstream().reset();
			assertThat(session.client().endsNext()).isTrue();
		}
	}

	@Test
	void silenceIsSeen() {
		try (RawUpstream server = server(); RawSession session = open(server)) {
			session.client().expectNothingFor(SHORT);
			session.upstream().send(WireFrame.text("after the silence"));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.text("after the silence"));
		}
	}

	@Test
	void failuresSayWhatCame() {
		try (RawUpstream server = server(); RawSession session = open(server)) {
			RawPeer client = session.client().timeout(SHORT);
			assertFails(client::receiveFrame, "Expected a frame within PT0.05S, received nothing");
			assertFails(client::expectEof,
					"Expected the end of the stream within PT0.05S, received an open connection and nothing");
			session.upstream().send(new byte[] { (byte) 0x81, 5, 'H' });
			client.timeout(RawPeer.DEFAULT_TIMEOUT);
			assertFails(() -> client.expectNothingFor(RawPeer.DEFAULT_TIMEOUT),
					"Expected nothing for PT20S, received data and 3 bytes: 81 05 48");
			client.receiveBytes(2);
			session.upstream().send(WireFrame.close(1001));
			assertFails(client::expectReset, "Expected a reset within PT20S, received data and 4 bytes: 88 02 03 e9",
					"(as a frame: CLOSE fin 2 bytes 1001 \"\")");
			client.receiveBytes(3);
			session.upstream().send(new byte[] { (byte) 0x81, 5, 'H' });
			session.upstream().shutdownOutput();
			assertFails(client::receiveFrame,
					"Expected a frame, received the end of the stream after 3 bytes: 81 05 48");
			assertFails(client::expectReset, "received the end of the stream and nothing");
		}
	}

	@Test
	void sendingDoesNotBlockForever() {
		try (RawUpstream server = server(); RawSession session = open(server)) {
			byte[] much = new byte[16 * 1024 * 1024];
			session.client().timeout(Duration.ofMillis(500));
			assertFails(() -> session.client().send(much), "Nobody read what was sent: stuck for PT0.5S after ");
			Awaitility.await().until(() -> session.client().sentBytes() > 0);
			assertThat(session.client().sentBytes()).isLessThan(much.length);
			session.upstream().recordReceived(false);
			assertThat(session.upstream().receiveBytes(much.length)).isEqualTo(much);
			CompletableFuture<Void> next = session.client().sendAsync(new byte[] { 1 }, new byte[] { 2 });
			assertThat(session.upstream().receiveBytes(2)).containsExactly(1, 2);
			assertThat(next).succeedsWithin(RawPeer.DEFAULT_TIMEOUT);
		}
	}

	@Test
	void sendingIntoABrokenConnectionFails() {
		try (RawUpstream server = server(); RawSession session = open(server)) {
			CompletableFuture<Void> sent = session.client().sendAsync(new byte[16 * 1024 * 1024]);
			session.upstream().receiveBytes(1);
			session.upstream().reset();
			assertThat(sent).failsWithin(RawPeer.DEFAULT_TIMEOUT)
				.withThrowableOfType(ExecutionException.class)
				.withCauseInstanceOf(UncheckedIOException.class);
			assertThatExceptionOfType(UncheckedIOException.class)
				.isThrownBy(() -> session.client().send(WireFrame.ping()));
		}
	}

	@Test
	void closeWithAStuckWriteAborts() {
		try (RawUpstream server = server(); RawSession session = open(server)) {
			CompletableFuture<Void> sent = session.client().sendAsync(new byte[16 * 1024 * 1024]);
			session.client().close();
			assertThat(sent).failsWithin(RawPeer.DEFAULT_TIMEOUT);
		}
	}

	@Test
	void addressesAreThoseOfTheTcpSocket() {
		try (RawUpstream server = server();
				RawSession session = RawSession.open(client(server).from("127.0.0.2"), server)) {
			assertThat(session.client().localAddress()).isEqualTo(session.upstream().remoteAddress());
			assertThat(session.upstream().remoteAddress().getAddress().getHostAddress()).isEqualTo("127.0.0.2");
			assertThat(session.client().remoteAddress().getPort()).isEqualTo(server.port());
		}
	}

	@Test
	void smallReceiveBufferIsFeltSooner() {
		try (RawUpstream server = server();
				RawSession session = RawSession.open(client(server).receiveBuffer(4096), server.receiveBuffer(4096))) {
			session.client().timeout(Duration.ofMillis(500));
			assertFails(() -> session.client().send(new byte[8 * 1024 * 1024]), "stuck");
			session.upstream().timeout(Duration.ofMillis(500));
			assertFails(() -> session.upstream().send(new byte[8 * 1024 * 1024]), "stuck");
		}
	}

	@Test
	void gluedFramesAreReadBehindTheHandshake() {
		try (RawUpstream server = server();
				ClientHandshake handshake = client(server).glue(WireFrame.text("early").masked()).start()) {
			RawPeer upstream = server.accept().glue(WireFrame.text("one"), WireFrame.text("two")).acceptWebSocket();
			assertThat(upstream.receiveFrame()).isEqualTo(WireFrame.text("early").masked());
			RawPeer client = handshake.connected();
			assertThat(client.receiveFrames(2)).containsExactly(WireFrame.text("one"), WireFrame.text("two"));
			assertThat(HexFormat.of().formatHex(client.receivedBytes())).isEqualTo("81036f6e65" + "810374776f");
		}
	}

	private static void assertFails(ThrowingCallable action, String... message) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(action).withMessageContainingAll(message);
	}

	private RawSession open(RawUpstream server) {
		return RawSession.open(client(server), server);
	}

	private RawClient client(RawUpstream server) {
		RawClient client = RawClient.to(server.port());
		return this.tls ? client.tls(TestCertificates.localhost().client()) : client;
	}

	private RawUpstream server() {
		SSLContext context = this.tls ? TestCertificates.localhost().server() : null;
		return (context != null) ? RawUpstream.start(context) : RawUpstream.start();
	}

}
