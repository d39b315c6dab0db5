package dev.wspolicy.gateway;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that what was sent to a peer before its session ends arrives, provided that the
 * peer reads it, and that what does not arrive is not reported as sent.
 */
class LastWordsTests extends AbstractWireTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final byte[] MESSAGE = new byte[1_200_000];

	/** The number of bytes that a slow peer reads at a time. */
	private static final int SIP = 120_000;

	private static final Duration PAUSE = Duration.ofMillis(750);

	private static ExecutorService threads;

	static {
		new Random(42).nextBytes(MESSAGE);
	}

	@BeforeAll
	static void startThreads() {
		threads = Executors.newCachedThreadPool();
	}

	@AfterAll
	static void stopThreads() {
		threads.shutdownNow();
	}

	@ParameterizedTest
	@EnumSource
	void slowPeerGetsEverythingBeforeTheEnd(Wire wire) {
		List<CompletableFuture<Void>> runs = new ArrayList<>();
		for (String route : List.of("passing", "reading", "compressed")) {
			for (Side slow : Side.values()) {
				for (End end : End.values()) {
					if (end == End.OPERATOR && route.equals("compressed") && slow == Side.UPSTREAM) {
						// Compressed data waits in front of the policies
						continue;
					}
					Scene scene = new Scene(wire.gateway(), route, slow, end);
					runs.add(CompletableFuture.runAsync(scene::play, threads));
				}
			}
		}
		join(runs);
	}

	private static void join(List<CompletableFuture<Void>> runs) {
		CompletableFuture.allOf(runs.toArray(CompletableFuture<?>[]::new)).join();
	}

	@ParameterizedTest
	@EnumSource
	void unsentCloseFrameIsNotReported(Wire wire) {
		GatewayExtension gateway = wire.gateway();
		List<CompletableFuture<Void>> runs = new ArrayList<>();
		for (Side slow : Side.values()) {
			String path = "/hasty/" + slow;
			RawSession session = gateway.open(client(gateway, path));
			// Waits for the close timeout, twice
			runs.add(CompletableFuture.runAsync(() -> {
				endWithoutReading(session, slow);
				Termination termination = gateway.recorder().termination(path);
				assertThat(to(slow, termination)).isNull();
				assertThat(to(slow.peer(), termination)).isEqualTo(CloseStatus.NORMAL);
			}, threads));
		}
		join(runs);
	}

	private static void endWithoutReading(RawSession session, Side slow) {
		RawPeer sender = session.peer(slow.peer()).timeout(TIMEOUT);
		sender.sendAsync(WireFrame.binary(MESSAGE).from(slow.peer()).encode(),
				WireFrame.close(1000).from(slow.peer()).encode());
		// Only this peer can reply
		assertThat(sender.receiveFrame().closeCode()).isEqualTo(1000);
	}

	@ParameterizedTest
	@EnumSource
	void peerThatEndsItsStreamAfterItsCloseFrameGetsAReply(Wire wire) {
		for (Side closing : Side.values()) {
			Termination termination = play(wire.gateway(), "/patient/answer", closing, (closer, other) -> {
				closeAndEnd(closing, closer, other);
				other.send(WireFrame.text("not yet").from(closing.peer()));
				assertThat(closer.receiveFrame().payloadAsText()).isEqualTo("not yet");
				other.send(WireFrame.close(4002, "re").from(closing.peer()));
				assertThat(closer.receiveFrame().unmasked()).isEqualTo(WireFrame.close(4002, "re"));
				closer.expectEof();
				other.shutdownOutput();
				other.expectEof();
			});
			assertThat(to(closing, termination)).isEqualTo(CloseStatus.of(4002, "re"));
			assertThat(termination.cause()).isEqualTo(Cause.CLOSE_FRAME);
		}
	}

	@ParameterizedTest
	@EnumSource
	void peerThatHasEndedItsStreamStillGetsEverythingBeforeTheReply(Wire wire) {
		for (Side closing : Side.values()) {
			Termination termination = play(wire.gateway(), "/patient/more", closing, (closer, other) -> {
				closeAndEnd(closing, closer, other);
				WireFrame message = WireFrame.binary(Arrays.copyOf(MESSAGE, 300_000)).from(closing.peer());
				byte[][] writes = new byte[7][];
				Arrays.fill(writes, message.encode());
				writes[6] = WireFrame.close(4002).from(closing.peer()).encode();
				other.sendAsync(writes);
				for (int i = 0; i < 6; i++) {
					assertThat(closer.receiveFrame().unmasked()).isEqualTo(message.unmasked());
				}
				assertThat(closer.receiveFrame().closeCode()).isEqualTo(4002);
				closer.expectEof();
			});
			assertThat(to(closing, termination)).isEqualTo(CloseStatus.of(4002));
		}
	}

	@ParameterizedTest
	@EnumSource
	void replyAndEndOfStreamInOneWrite(Wire wire) {
		for (Side closing : Side.values()) {
			Termination termination = play(wire.gateway(), "/patient/end", closing, (closer, other) -> {
				closer.send(WireFrame.close(4001).from(closing));
				assertThat(other.receiveFrame().closeCode()).isEqualTo(4001);
				other.send(WireFrame.close(4001).from(closing.peer()));
				other.shutdownOutput();
				assertThat(closer.receiveFrame().closeCode()).isEqualTo(4001);
				closer.shutdownOutput();
				closer.expectEof();
				other.expectEof();
			});
			assertThat(termination).returns(CloseStatus.of(4001), Termination::fromClient)
				.returns(CloseStatus.of(4001), Termination::fromUpstream)
				.returns(CloseStatus.of(4001), Termination::toClient)
				.returns(CloseStatus.of(4001), Termination::toUpstream);
		}
	}

	private static void closeAndEnd(Side closing, RawPeer closer, RawPeer other) {
		closer.send(WireFrame.close(4001, "bye").from(closing));
		closer.shutdownOutput();
		assertThat(other.receiveFrame().closeCode()).isEqualTo(4001);
	}

	/** Play a scene between the peer that closes and the other one. */
	private static Termination play(GatewayExtension gateway, String path, Side closing,
			BiConsumer<RawPeer, RawPeer> scene) {
		try (RawSession session = gateway.open(client(gateway, path))) {
			scene.accept(session.peer(closing), session.peer(closing.peer()));
		}
		return gateway.recorder().termination(path);
	}

	/**
	 * Returns how the session ends while the slow peer still has to read most of the
	 * message.
	 */
	enum End {

		CLOSE(4000, Cause.CLOSE_FRAME) {

			@Override
			void come(Scene scene) {
				scene.sender().send(WireFrame.close(4000).from(scene.slow.peer()));
			}

		},

		CLOSE_AND_END_OF_STREAM(4000, Cause.CLOSE_FRAME) {

			@Override
			void come(Scene scene) {
				scene.sender().send(WireFrame.close(4000).from(scene.slow.peer()));
				scene.sender().shutdownOutput();
			}

		},

		END_OF_STREAM(0, Cause.CONNECTION_LOST) {

			@Override
			void come(Scene scene) {
				scene.sender().shutdownOutput();
			}

		},

		OPERATOR(4000, Cause.REQUESTED) {

			@Override
			void come(Scene scene) {
				ProxiedSession live = scene.live();
				// All of it has been processed by policies, or passed through
				await().until(() -> live.counts(scene.slow.peer().sends()).bytes() >= MESSAGE.length
						&& live.buffered(scene.slow) > 0);
				live.close(CloseStatus.of(4000));
			}

		};

		private final int code;

		private final Cause cause;

		End(int code, Cause cause) {
			this.code = code;
			this.cause = cause;
		}

		abstract void come(Scene scene);

		int code(Side slow) {
			return (this.code != 0) ? this.code : (slow == Side.CLIENT) ? 1011 : 1001;
		}

	}

	/** A message to a slow peer, followed by the end of the session. */
	private static final class Scene {

		private final GatewayExtension gateway;

		private final Side slow;

		private final End end;

		private final String path;

		private final RawSession session;

		Scene(GatewayExtension gateway, String route, Side slow, End end) {
			this.gateway = gateway;
			this.slow = slow;
			this.end = end;
			this.path = "/" + route + "/" + slow + "/" + end;
			RawClient client = client(gateway, this.path);
			if (route.equals("compressed")) {
				client.header("Sec-WebSocket-Extensions", "permessage-deflate");
			}
			this.session = gateway.open(client);
			this.session.client().timeout(TIMEOUT).recordReceived(false);
			this.session.upstream().timeout(TIMEOUT).recordReceived(false);
		}

		RawPeer sender() {
			return this.session.peer(this.slow.peer());
		}

		ProxiedSession live() {
			// Its messages may arrive before the session is open
			return await()
				.until(() -> this.gateway.sessions()
					.stream()
					.filter((session) -> session.upgrade().path().equals(this.path))
					.findFirst(), Optional::isPresent)
				.orElseThrow();
		}

		void play() {
			try {
				playOn();
			}
			catch (RuntimeException | AssertionError ex) {
				throw new AssertionError(this.path, ex);
			}
		}

		private void playOn() {
			boolean deflated = this.path.startsWith("/compressed");
			WireDeflate deflate = new WireDeflate();
			WireFrame sent = (deflated && this.slow == Side.UPSTREAM) ? deflate.message(WireFrame.BINARY, MESSAGE)
					: WireFrame.binary(MESSAGE);
			CompletableFuture<Void> sending = sender().sendAsync(sent.from(this.slow.peer()).encode());
			CompletableFuture<Void> ending = sending.thenRunAsync(() -> this.end.come(this), threads);
			RawPeer peer = this.session.peer(this.slow);
			byte[] arrived = deflated ? sipFrames(peer) : sipBytes(peer, sent.from(this.slow.peer()).encode().length);
			ending.join();
			if (deflated) {
				assertThat((this.slow == Side.CLIENT) ? deflate.inflate(arrived) : arrived).isEqualTo(MESSAGE);
			}
			else {
				assertThat(arrived).isEqualTo(sent.from(this.slow.peer()).encode());
			}
			WireFrame close = peer.receiveFrame();
			assertThat(close.closeCode()).isEqualTo(this.end.code(this.slow));
			peer.send(WireFrame.close(close.closeCode()).from(this.slow));
			if (this.end.code != 0) {
				assertThat(sender().receiveFrame().closeCode()).isEqualTo(this.end.code);
			}
			this.session.close();
			Termination termination = this.gateway.recorder().termination(this.path);
			assertThat(termination.cause()).isEqualTo(this.end.cause);
			assertThat(code(to(this.slow, termination))).isEqualTo(this.end.code(this.slow));
			assertThat(code(from(this.slow, termination))).isEqualTo(this.end.code(this.slow));
		}

		private static byte[] sipBytes(RawPeer peer, int length) {
			ByteArrayOutputStream all = new ByteArrayOutputStream();
			while (all.size() < length) {
				all.writeBytes(peer.receiveBytes(Math.min(SIP, length - all.size())));
				pause();
			}
			return all.toByteArray();
		}

		private static byte[] sipFrames(RawPeer peer) {
			ByteArrayOutputStream all = new ByteArrayOutputStream();
			WireFrame frame;
			int sips = 0;
			do {
				frame = peer.receiveFrame();
				all.writeBytes(frame.unmasked().payload());
				if (all.size() / SIP > sips) {
					sips = all.size() / SIP;
					pause();
				}
			}
			while (!frame.fin());
			return all.toByteArray();
		}

		/** The pause between reads that makes a peer slow. */
		private static void pause() {
			new CompletableFuture<Void>().completeOnTimeout(null, PAUSE.toMillis(), TimeUnit.MILLISECONDS).join();
		}

		private static int code(@Nullable CloseStatus status) {
			return Objects.requireNonNull(status).code();
		}

	}

}
