package dev.wspolicy.proving.faults;

import java.io.EOFException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.proving.faults.CutSession.Ending;
import dev.wspolicy.proving.site.ProvedGateway;
import dev.wspolicy.proving.site.Toxic;
import dev.wspolicy.proving.site.ToxicProxy;
import dev.wspolicy.proving.site.ToxicProxy.Toxics;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.TestCertificates;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Cuts each leg of a session at each byte that it carries, in three ways. The other side
 * gets all whole frames before the cut and the promised close, and no session stays.
 */
class CutTests {

	private static final List<LongFunction<Toxic>> WAYS = List.of(Toxic::truncate, Toxic::halfClose, Toxic::reset);

	private final AtomicReference<Toxics> toxics = new AtomicReference<>(Toxics.NONE);

	/** The upstreams' ends, by the path of their session. */
	private final Map<String, CompletableFuture<Survivor>> upstreams = new ConcurrentHashMap<>();

	private int sessions;

	private final List<AutoCloseable> opened = new ArrayList<>();

	private final List<String> wrong = new ArrayList<>();

	private boolean tls;

	private ProvedGateway gateway;

	private ToxicProxy toGateway;

	/** Whether the upstream sends frames by itself. */
	private volatile boolean upstreamSends;

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable each : this.opened) {
			each.close();
		}
	}

	@Test
	void atSomeBytes() {
		cutEverywhere(false, 17);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@Tag("proving")
	void atEachByte(boolean tls) {
		cutEverywhere(tls, 1);
	}

	private void start(boolean tls) {
		this.tls = tls;
		TestCertificates certificates = TestCertificates.localhost();
		RawUpstream upstream = tls ? RawUpstream.start(certificates.server()) : RawUpstream.start();
		upstream.serve(this::serve);
		ToxicProxy toUpstream = ToxicProxy.to(upstream.port(), this.toxics::get);
		ProvedGateway.Builder builder = ProvedGateway.with();
		if (tls) {
			builder.tls(certificates);
		}
		this.gateway = builder.pipeline("default", "session.close-timeout", "1m")
			.route("direct", upstream.uri())
			.route("toxic", URI.create((tls ? "wss" : "ws") + "://localhost:" + toUpstream.port()))
			.start();
		this.toGateway = ToxicProxy.to(this.gateway.port(), this.toxics::get);
		this.opened.addAll(List.of(this.toGateway, this.gateway, toUpstream, upstream));
	}

	private void cutEverywhere(boolean tls, int step) {
		start(tls);
		int trials = 0;
		for (Side side : Side.values()) {
			this.upstreamSends = side == Side.UPSTREAM;
			long all = calibrate(side);
			for (int i = 0; i < WAYS.size(); i++) {
				// Each way begins at another byte, so that a few cuts meet many bytes.
				for (long at = i * step / WAYS.size(); at <= all; at += step) {
					this.toxics.set(toxics(side, WAYS.get(i).apply(at)));
					String where = side + " leg cut in way " + i + " at " + at + " of " + all;
					int passed = tls ? -1 : (int) (at - (all - CutSession.sent(side).length));
					String problem = (side == Side.CLIENT) ? cutClient(passed) : cutUpstream(passed);
					if (problem != null) {
						this.wrong.add(where + ": " + problem);
					}
					this.gateway.awaitNoSessions();
					trials++;
				}
			}
		}
		System.out.println("Sessions that were cut" + (tls ? ", with TLS: " : ": ") + trials);
		assertThat(this.wrong).isEmpty();
	}

	private static Toxics toxics(Side side, Toxic toxic) {
		return (side == Side.CLIENT) ? Toxics.up(toxic) : Toxics.down(toxic);
	}

	/** Returns how many bytes a leg carries if it is not cut. */
	private long calibrate(Side side) {
		AtomicLong bytes = new AtomicLong();
		this.toxics.set(toxics(side, (chunk, length, pipe) -> {
			bytes.addAndGet(length);
			pipe.write(chunk, 0, length);
		}));
		assertThat((side == Side.CLIENT) ? cutClient(CutSession.sent(side).length)
				: cutUpstream(CutSession.sent(side).length))
			.isNull();
		this.gateway.awaitNoSessions();
		return bytes.get();
	}

	private @Nullable String cutClient(int passed) {
		// All paths have the same length.
		String path = "/direct/" + (1_000_000 + this.sessions++);
		CompletableFuture<Survivor> upstream = new CompletableFuture<>();
		this.upstreams.put(path, upstream);
		boolean opened = false;
		RawPeer client = null;
		try (ClientHandshake handshake = client(this.toGateway.port()).path(path).start()) {
			client = handshake.connected();
			opened = true;
			client.sendAsync(CutSession.sent(Side.CLIENT)).exceptionally((ex) -> null);
			client.drainToEnd();
		}
		catch (AssertionError | UncheckedIOException ex) {
			// It is the one that is cut.
		}
		if (!opened) {
			// With all of its request, it may be lost before it gets its 101.
			return (passed > 0) ? "no session" : null;
		}
		Survivor survivor = upstream.orTimeout(30, TimeUnit.SECONDS).join();
		this.upstreams.remove(path);
		return CutSession.verify(Side.CLIENT, passed, survivor.received(), survivor.end(), 1001);
	}

	private @Nullable String cutUpstream(int passed) {
		RawClient request = client(this.gateway.port()).path("/toxic");
		try (ClientHandshake handshake = request.start()) {
			int status = handshake.response().status();
			if (status != 101) {
				return (passed < 0 && status == 502) ? null : "status " + status;
			}
			Survivor client = survive(handshake.peer());
			return CutSession.verify(Side.UPSTREAM, passed, client.received(), client.end(), 1011);
		}
	}

	private RawClient client(int port) {
		RawClient client = RawClient.to(port);
		return this.tls ? client.tls(TestCertificates.localhost().client()) : client;
	}

	private void serve(UpstreamHandshake handshake) {
		try (RawPeer peer = handshake.acceptWebSocket()) {
			if (this.upstreamSends) {
				peer.sendAsync(CutSession.sent(Side.UPSTREAM))
					.thenRun(peer::shutdownOutput)
					.exceptionally((ex) -> null);
				peer.drainToEnd();
			}
			else {
				this.upstreams.getOrDefault(handshake.target(), new CompletableFuture<>()).complete(survive(peer));
			}
		}
		catch (AssertionError | UncheckedIOException ex) {
			// The gateway has given up the upgrade, or this is the side that is cut.
		}
	}

	/** Reads to the end, and answers a close frame. */
	private static Survivor survive(RawPeer peer) {
		peer.timeout(Duration.ofSeconds(30));
		try {
			WireFrame frame = peer.receiveFrame();
			while (frame.opcode() != WireFrame.CLOSE) {
				frame = peer.receiveFrame();
			}
			boolean upstream = frame.isMasked();
			peer.sendAsync(upstream ? frame.unmasked().encode() : frame.masked().encode()).thenRun(() -> {
				if (upstream) {
					// The server ends the connection first (RFC 6455, section 7.1.1).
					peer.shutdownOutput();
				}
			}).exceptionally((ex) -> null);
			while (true) {
				peer.receiveBytes(1);
			}
		}
		catch (AssertionError ex) {
			return new Survivor(peer.receivedBytes(), ending(ex.getCause()));
		}
	}

	private static Ending ending(@Nullable Throwable cause) {
		if (cause instanceof EOFException) {
			return Ending.FIN;
		}
		return (cause instanceof SocketException) ? Ending.RESET : Ending.OPEN;
	}

	/**
	 * The peer of the leg that was not cut.
	 *
	 * @param received all that it has received
	 * @param end how its connection ended
	 */
	private record Survivor(byte[] received, Ending end) {

	}

}
