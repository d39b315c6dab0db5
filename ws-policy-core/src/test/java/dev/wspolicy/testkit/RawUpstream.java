package dev.wspolicy.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;

/**
 * A server that a test answers for, one connection after the other.
 * <p>
 * Connections are taken as they come, and counted; requests wait until the test calls
 * {@link #accept()}. Closing the server closes all its connections.
 */
public final class RawUpstream implements AutoCloseable {

	private final ServerSocket server;

	private final @Nullable SSLContext tls;

	private final BlockingQueue<RawPeer> waiting = new LinkedTransferQueue<>();

	private final List<Socket> sockets = new CopyOnWriteArrayList<>();

	private final List<Throwable> failures = new CopyOnWriteArrayList<>();

	private final AtomicInteger acceptedConnections = new AtomicInteger();

	/** This server's own connections that have not been accepted, by their address. */
	private final Map<SocketAddress, CompletableFuture<Void>> probes = new ConcurrentHashMap<>();

	private Duration timeout = RawPeer.DEFAULT_TIMEOUT;

	private RawUpstream(ServerSocket server, @Nullable SSLContext tls) {
		this.server = server;
		this.tls = tls;
		RawPeer.WORKERS.execute(this::acceptAll);
	}

	/**
	 * A server without TLS on a free port.
	 */
	public static RawUpstream start() {
		return new RawUpstream(bind(), null);
	}

	/**
	 * A server with TLS on a free port.
	 */
	public static RawUpstream start(SSLContext tls) {
		return new RawUpstream(bind(), tls);
	}

	/**
	 * A port on which nobody listens, nor will as long as this JVM lives.
	 */
	public static int closedPort() {
		return ClosedPort.HELD.getLocalPort();
	}

	private static ServerSocket bind() {
		try {
			return new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Sets how long {@link #accept()} waits.
	 */
	public RawUpstream timeout(Duration timeout) {
		this.timeout = timeout;
		return this;
	}

	/**
	 * Asks for a socket receive buffer of this size on connections from now on.
	 */
	public RawUpstream receiveBuffer(int bytes) {
		try {
			this.server.setReceiveBufferSize(bytes);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return this;
	}

	public int port() {
		return this.server.getLocalPort();
	}

	/**
	 * Where a gateway finds this server: {@code ws://localhost:port} or {@code wss}.
	 */
	public URI uri() {
		return URI.create(((this.tls != null) ? "wss" : "ws") + "://localhost:" + port());
	}

	/**
	 * How many connections have come so far, those without a request included. Whoever
	 * has been connected before this call is counted.
	 */
	public int acceptedConnections() {
		awaitEarlierConnections();
		return this.acceptedConnections.get();
	}

	/** Connections are accepted in their order, so one of our own comes behind them. */
	private void awaitEarlierConnections() {
		try (Socket probe = new Socket()) {
			probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
			CompletableFuture<Void> accepted = new CompletableFuture<>();
			this.probes.put(probe.getLocalSocketAddress(), accepted);
			probe.connect(this.server.getLocalSocketAddress());
			accepted.get(RawPeer.DEFAULT_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for earlier connections", ex);
		}
		catch (IOException | ExecutionException | TimeoutException ex) {
			if (!this.server.isClosed()) {
				throw new AssertionError("Earlier connections have not been accepted", ex);
			}
		}
	}

	/**
	 * Takes the next connection and reads its request.
	 */
	public UpstreamHandshake accept() {
		return new UpstreamHandshake(acceptConnection());
	}

	/**
	 * Takes the next connection and reads nothing.
	 */
	public RawPeer acceptConnection() {
		try {
			RawPeer peer = this.waiting.poll(this.timeout.toNanos(), TimeUnit.NANOSECONDS);
			if (peer != null) {
				return peer;
			}
			AssertionError error = new AssertionError("Expected a connection within " + this.timeout);
			this.failures.forEach(error::addSuppressed);
			throw error;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while accepting", ex);
		}
	}

	/**
	 * Aborts all connections, also those that nobody has accepted, so that what a test
	 * has left behind does not reach another one.
	 */
	public void abandonConnections() {
		awaitEarlierConnections();
		this.waiting.clear();
		this.sockets.forEach(RawUpstream::closeQuietly);
		this.sockets.clear();
	}

	/**
	 * From now on answers every connection by itself, each on a thread of its own; a
	 * script that fails ends its connection, and shows in {@link #failures()}.
	 */
	public RawUpstream serve(Consumer<UpstreamHandshake> script) {
		RawPeer.WORKERS.execute(() -> {
			while (!this.server.isClosed()) {
				try {
					RawPeer peer = this.waiting.poll(1, TimeUnit.SECONDS);
					if (peer != null) {
						RawPeer.WORKERS.execute(() -> run(script, peer));
					}
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					return;
				}
			}
		});
		return this;
	}

	private void run(Consumer<UpstreamHandshake> script, RawPeer peer) {
		try {
			script.accept(new UpstreamHandshake(peer));
		}
		catch (RuntimeException | Error ex) {
			peer.close();
			if (!this.server.isClosed()) {
				this.failures.add(ex);
			}
		}
	}

	/**
	 * TLS handshakes and scripts that failed.
	 */
	public List<Throwable> failures() {
		return List.copyOf(this.failures);
	}

	private void acceptAll() {
		while (!this.server.isClosed()) {
			try {
				Socket socket = this.server.accept();
				CompletableFuture<Void> probe = this.probes.remove(socket.getRemoteSocketAddress());
				if (probe != null) {
					socket.close();
					probe.complete(null);
					continue;
				}
				this.sockets.add(socket);
				this.acceptedConnections.incrementAndGet();
				if (this.server.isClosed()) {
					socket.close();
				}
				else if (this.tls != null) {
					// Not here: a handshake waits for its client
					RawPeer.WORKERS.execute(() -> secure(socket, this.tls));
				}
				else {
					this.waiting.add(new RawPeer(socket, socket));
				}
			}
			catch (IOException ex) {
				if (!this.server.isClosed()) {
					this.failures.add(ex);
				}
			}
		}
	}

	private void secure(Socket transport, SSLContext tls) {
		try {
			SSLSocket socket = (SSLSocket) tls.getSocketFactory()
				.createSocket(transport, "localhost", transport.getPort(), true);
			socket.setUseClientMode(false);
			socket.startHandshake();
			this.waiting.add(new RawPeer(transport, socket));
		}
		catch (IOException ex) {
			this.failures.add(ex);
			closeQuietly(transport);
		}
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.sockets.forEach(RawUpstream::closeQuietly);
	}

	private static void closeQuietly(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			// It was on its way out
		}
	}

	/**
	 * Keeps a port from everybody else: bound, but not listened on.
	 */
	private static final class ClosedPort {

		private static final Socket HELD = hold();

		private static Socket hold() {
			try {
				Socket socket = new Socket();
				socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
				return socket;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
