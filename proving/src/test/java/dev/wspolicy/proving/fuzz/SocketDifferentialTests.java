package dev.wspolicy.proving.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslHandler;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.netty.ChannelSession;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.netty.PerMessageDeflate;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.proving.Seed;
import dev.wspolicy.proving.fuzz.NettyOracle.TextRule;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.QuietLog;
import dev.wspolicy.testkit.TestCertificates;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random streams on sockets of each transport, with and without TLS and compression, of
 * which the relay and Netty's decoder of frames must make the same.
 */
@ExtendWith(QuietLog.class)
class SocketDifferentialTests {

	private static final int LIMIT = 10_000;

	@ParameterizedTest
	@EnumSource
	void relayAgreesWithNettysDecoder(SocketTransport transport) throws Exception {
		run(transport, Seed.of("sockets, " + transport), 12);
	}

	@ParameterizedTest
	@EnumSource
	@Tag("proving")
	void longRun(SocketTransport transport) throws Exception {
		run(transport, Seed.of("sockets, long, " + transport), 3_000);
	}

	private static void run(SocketTransport transport, Seed seed, int trials) throws Exception {
		Assumptions.assumeTrue(transport.isAvailable(), transport + " is not available");
		EventLoopGroup loop = transport.loop();
		try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
			for (int i = 0; i < trials; i++) {
				Random random = seed.trial(i);
				Side sender = random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM;
				Layer layer = Layer.values()[random.nextInt(Layer.values().length)];
				byte[] stream = (layer == Layer.COMPRESSION) ? compressed(random, sender)
						: RandomStream.of(random, sender);
				String difference = run(transport, loop, server, layer, random,
						new RelayTrial(random.nextLong(), sender, stream));
				assertThat(difference).as("trial %d of %s, %s, %s", i, seed, sender, layer).isNull();
			}
		}
		finally {
			loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
		}
	}

	/** Compressed messages, and a close frame. */
	private static byte[] compressed(Random random, Side sender) {
		WireDeflate deflate = new WireDeflate();
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		for (int i = random.nextInt(20); i > 0; i--) {
			byte[] payload = new byte[random.nextInt(LIMIT)];
			Arrays.fill(payload, (byte) ('a' + random.nextInt(26)));
			out.writeBytes(deflate.message(WireFrame.TEXT, payload).from(sender).encode());
		}
		out.writeBytes(WireFrame.close(4000).from(sender).encode());
		return out.toByteArray();
	}

	private static String run(SocketTransport transport, EventLoopGroup loop, ServerSocket server, Layer layer,
			Random random, RelayTrial trial) throws Exception {
		// Whatever the stream is, it ends the session: its last frame becomes complete,
		// and
		// what follows is none.
		byte[] stream = Arrays.copyOf(trial.stream(), trial.stream().length + LIMIT + 28);
		Arrays.fill(stream, stream.length - 14, stream.length, (byte) 0xFF);
		CompletableFuture<Termination> ended = new CompletableFuture<>();
		Channel client = transport.connect(loop, server);
		Socket clientSocket = server.accept();
		Channel upstream = transport.connect(loop, server);
		Socket upstreamSocket = server.accept();
		Side sender = trial.sender();
		if (layer == Layer.TLS) {
			client.pipeline().addLast(tls(false));
			upstream.pipeline().addLast(tls(true));
			clientSocket = tls(clientSocket, true);
			upstreamSocket = tls(upstreamSocket, false);
		}
		loop.submit(() -> session(layer, sender, ended).open(client, upstream)).sync();
		Socket from = (sender == Side.CLIENT) ? clientSocket : upstreamSocket;
		Socket to = (sender == Side.CLIENT) ? upstreamSocket : clientSocket;
		try (from; to; NettyOracle oracle = new NettyOracle(sender == Side.CLIENT, LIMIT, TextRule.NEVER)) {
			CompletableFuture<Reading> relayed = CompletableFuture.supplyAsync(() -> read(to, sender.peer()));
			CompletableFuture<Reading> told = CompletableFuture.supplyAsync(() -> read(from, sender));
			write(from, stream, random);
			Reading expected = expected(layer, sender, trial.stream(), stream, oracle);
			CompletableFuture.allOf(relayed, told, ended).orTimeout(30, TimeUnit.SECONDS).exceptionally((failure) -> {
				throw new AssertionError(sender + " sends " + expected + ", " + layer + ": the other peer has got "
						+ relayed + ", the sender " + told + ", and the session " + ended, failure);
			}).join();
			Reading got = relayed.join();
			Reading answer = told.join();
			if (expected.error == 0 && answer.close == expected.close) {
				// The other peer has sent the close frame back.
				answer.close = 0;
			}
			return trial.compare(got, answer, false, expected, " on " + transport);
		}
	}

	private static Reading expected(Layer layer, Side sender, byte[] stream, byte[] padded, NettyOracle oracle)
			throws IOException {
		if (layer != Layer.COMPRESSION) {
			oracle.read(padded);
			return oracle.reading();
		}
		Reading reading = new Reading();
		WireDeflate inflate = new WireDeflate();
		InputStream input = new ByteArrayInputStream(stream);
		for (WireFrame frame = WireFrame.read(input); reading.close == 0;) {
			if (frame.opcode() == WireFrame.CLOSE) {
				reading.close = frame.closeCode();
			}
			else {
				reading.add("text", inflate.inflate(frame.payload()));
				frame = WireFrame.read(input);
			}
		}
		return reading;
	}

	private static ChannelSession session(Layer layer, Side sender, CompletableFuture<Termination> ended) {
		PerMessageDeflate deflate = (layer == Layer.COMPRESSION)
				? new PerMessageDeflate("permessage-deflate", true, true, 6, 0) : null;
		SessionSettings settings = SessionSettings.builder()
			.limits(new Limits(LIMIT, Long.MAX_VALUE, Long.MAX_VALUE))
			.build();
		SessionListener listener = new SessionListener() {

			@Override
			public void onClose(ProxiedSession session, Termination termination) {
				ended.complete(termination);
			}

		};
		UpgradeContext upgrade = (UpgradeContext) Proxy.newProxyInstance(UpgradeContext.class.getClassLoader(),
				new Class<?>[] { UpgradeContext.class }, (proxy, method, arguments) -> null);
		return new ChannelSession("session", SessionPipeline.of("test", settings, List.of(), List.of()),
				new LiveSessions(), upgrade, (sender == Side.CLIENT) ? deflate : null,
				(sender == Side.UPSTREAM) ? deflate : null, List.of(listener));
	}

	private static SslHandler tls(boolean client) {
		SSLEngine engine = (client ? TestCertificates.localhost().client() : TestCertificates.localhost().server())
			.createSSLEngine();
		engine.setUseClientMode(client);
		return new SslHandler(engine);
	}

	private static Socket tls(Socket socket, boolean client) throws IOException {
		TestCertificates certificates = TestCertificates.localhost();
		SSLSocket secure = (SSLSocket) (client ? certificates.client() : certificates.server()).getSocketFactory()
			.createSocket(socket, "localhost", socket.getPort(), true);
		secure.setUseClientMode(client);
		return secure;
	}

	private static void write(Socket socket, byte[] bytes, Random random) {
		int pieces = 1 + random.nextInt(random.nextBoolean() ? 50 : 5_000);
		try {
			OutputStream out = socket.getOutputStream();
			for (int from = 0; from < bytes.length;) {
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
	private static Reading read(Socket socket, Side receiver) {
		try (NettyOracle decoder = new NettyOracle(receiver == Side.UPSTREAM, Integer.MAX_VALUE, TextRule.NEVER)) {
			InputStream input = socket.getInputStream();
			byte[] buffer = new byte[8192];
			boolean answered = false;
			for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
				decoder.read(Arrays.copyOf(buffer, read));
				int code = decoder.reading().close;
				if (code != 0 && !answered) {
					answered = true;
					WireFrame answer = (code == 1005) ? WireFrame.close() : WireFrame.close(code);
					socket.getOutputStream().write(answer.from(receiver).encode());
					socket.shutdownOutput();
				}
			}
			return decoder.reading();
		}
		catch (SocketException ex) {
			throw new IllegalStateException("to " + receiver, ex);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** What lies between the sockets and the frames. */
	private enum Layer {

		NONE, TLS, COMPRESSION

	}

}
