package dev.wspolicy.proving.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.netty.PerMessageDeflate;
import dev.wspolicy.proving.Seed;
import dev.wspolicy.proving.fuzz.NettyOracle.TextRule;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sends random streams through sessions on sockets, in random pieces, with and without
 * compression. The relay must make the same of them as independent decoders.
 */
final class SocketTrials {

	private static final PerMessageDeflate AGREEMENT = new PerMessageDeflate("permessage-deflate", true, true, 6, 0);

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private SocketTrials() {
	}

	/**
	 * Runs trials one after the other.
	 * @param site opens the sessions
	 * @param seed the seed
	 * @param trials their number
	 */
	static void run(SocketSite site, Seed seed, int trials) throws Exception {
		long start = System.nanoTime();
		long bytes = 0;
		for (int i = 0; i < trials; i++) {
			Random random = seed.trial(i);
			Side sender = random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM;
			boolean compressed = random.nextInt(3) == 0;
			byte[] stream = compressed
					? WireFrame.encodeAll(CompressedStream.of(random, sender, true).toArray(WireFrame[]::new))
					: RandomStream.of(random, sender);
			RelayTrial trial = new RelayTrial(random.nextLong(), sender, stream);
			try (SocketSite.Session session = site.open(sender, compressed, random)) {
				String difference = run(session, compressed, random, trial);
				assertThat(difference)
					.as("trial %d of %s, %s, %s", i, seed, sender, compressed ? "compressed" : "plain")
					.isNull();
			}
			bytes += stream.length;
		}
		System.out.printf("%d streams, %d bytes, %.1f s%n", trials, bytes, (System.nanoTime() - start) / 1e9);
	}

	private static @Nullable String run(SocketSite.Session session, boolean compressed, Random random,
			RelayTrial trial) {
		Side sender = trial.sender();
		byte[] stream = trial.stream();
		Reading expected;
		if (compressed) {
			expected = CompressedOracle.read(stream, sender, AGREEMENT, SocketSite.LIMIT, Long.MAX_VALUE);
		}
		else {
			// Whatever the stream is, it ends the session: its last frame becomes
			// complete, and what follows is none.
			stream = Arrays.copyOf(stream, stream.length + SocketSite.LIMIT + 28);
			Arrays.fill(stream, stream.length - 14, stream.length, (byte) 0xFF);
			try (NettyOracle oracle = new NettyOracle(sender == Side.CLIENT, SocketSite.LIMIT, TextRule.NEVER)) {
				oracle.read(stream);
				expected = oracle.reading();
			}
		}
		RawPeer from = session.peer(sender);
		RawPeer to = session.peer(sender.peer());
		CompletableFuture<Reading> relayed = CompletableFuture.supplyAsync(() -> read(to, sender.peer()));
		CompletableFuture<Reading> told = CompletableFuture.supplyAsync(() -> read(from, sender));
		write(from, stream, random);
		CompletableFuture.allOf(relayed, told, session.ended())
			.orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
			.exceptionally((failure) -> {
				throw new AssertionError(
						sender + " sends " + expected + " on " + session.description() + ": the other peer has got "
								+ relayed + ", the sender " + told + ", and the session " + session.ended(),
						failure);
			})
			.join();
		Reading got = relayed.join();
		Reading answer = told.join();
		if (expected.error == 0 && answer.close == expected.close) {
			// The other peer has sent the close frame back.
			answer.close = 0;
		}
		return trial.compare(got, answer, false, expected, " on " + session.description());
	}

	/** Writes pieces, some of which are empty: over HTTP/2 that makes a DATA frame. */
	private static void write(RawPeer peer, byte[] bytes, Random random) {
		int pieces = 1 + random.nextInt(random.nextBoolean() ? 50 : 5_000);
		boolean gaps = random.nextBoolean();
		try {
			OutputStream out = peer.output();
			for (int from = 0; from < bytes.length;) {
				if (gaps && random.nextInt(10) == 0) {
					out.write(bytes, from, 0);
				}
				int to = Math.min(bytes.length, from + 1 + random.nextInt(pieces));
				out.write(bytes, from, to - from);
				from = to;
			}
		}
		catch (IOException ex) {
			// The gateway has closed the connection, as it may after a close frame.
		}
	}

	/** Reads as a peer does that answers a close frame and then ends the connection. */
	private static Reading read(RawPeer peer, Side receiver) {
		try (NettyOracle decoder = new NettyOracle(receiver == Side.UPSTREAM, Integer.MAX_VALUE, TextRule.NEVER)) {
			peer.recordReceived(false);
			InputStream input = peer.timeout(TIMEOUT).input();
			byte[] buffer = new byte[8192];
			boolean answered = false;
			for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
				decoder.read(Arrays.copyOf(buffer, read));
				int code = decoder.reading().close;
				if (code != 0 && !answered) {
					answered = true;
					WireFrame answer = (code == 1005) ? WireFrame.close() : WireFrame.close(code);
					peer.output().write(answer.from(receiver).encode());
					peer.shutdownOutput();
				}
			}
			return decoder.reading();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("to " + receiver, ex);
		}
	}

}
