package dev.wspolicy.test;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.reactivestreams.Publisher;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;

/**
 * An upstream on a real socket, and clients of the gateway in front of it, as a JUnit
 * extension. The test plays both:
 *
 * <pre class="code">
 * &#064;RegisterExtension
 * static final WebSocketUpstream upstream = new WebSocketUpstream();
 *
 * &#064;DynamicPropertySource
 * static void properties(DynamicPropertyRegistry registry) {
 *     registry.add("chat.uri", upstream::uri);
 * }
 *
 * &#064;Test
 * void masks(&#064;LocalServerPort int port) {
 *     SocketPeer client = upstream.client("ws://localhost:" + port + "/chat").open();
 *     SocketPeer server = upstream.accept();
 *     client.send("4111 1111 1111 1111");
 *     server.expect("**** **** **** 1111");
 * }
 * </pre>
 *
 * It starts with the first call of {@link #uri()} and stops when all tests of all classes
 * have run, because Spring keeps gateways that know its URI for other classes. After each
 * test, all connections are closed and forgotten, and it accepts connections again. Safe
 * from any thread.
 */
public final class WebSocketUpstream implements AfterEachCallback {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final Namespace NAMESPACE = Namespace.create(WebSocketUpstream.class);

	private final BlockingQueue<SocketPeer> accepted = new LinkedBlockingQueue<>();

	private final List<SocketPeer> peers = new CopyOnWriteArrayList<>();

	private volatile @Nullable String subprotocols;

	private volatile int refusal;

	/** The number of tests that have ended; written with the lock on {@code accepted}. */
	private volatile int ended;

	private @Nullable DisposableServer server;

	/**
	 * Creates an upstream that is started when its URI is needed.
	 */
	public WebSocketUpstream() {
	}

	/**
	 * Returns where it listens, and starts it if it has not been started.
	 * @return {@code ws://127.0.0.1} with its port
	 */
	public synchronized URI uri() {
		DisposableServer running = this.server;
		if (running == null) {
			running = HttpServer.create().host("127.0.0.1").port(0).handle(this::handle).bindNow(PATIENCE);
			this.server = running;
		}
		return URI.create("ws://127.0.0.1:" + running.port());
	}

	private Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
		if (this.refusal != 0) {
			return response.status(this.refusal).send();
		}
		WebsocketServerSpec.Builder spec = WebsocketServerSpec.builder().maxFramePayloadLength(Integer.MAX_VALUE);
		String names = this.subprotocols;
		int earlier = this.ended;
		return response.sendWebsocket((in, out) -> {
			SocketPeer peer = SocketPeer.open("upstream", request.requestHeaders().copy(), in);
			accept(peer, earlier);
			return peer.play(in, out);
		}, ((names != null) ? spec.protocols(names) : spec).build());
	}

	/** The gateway may have told its client earlier, which may have ended the test. */
	private void accept(SocketPeer peer, int earlier) {
		synchronized (this.accepted) {
			if (this.ended == earlier) {
				this.peers.add(peer);
				this.accepted.add(peer);
				return;
			}
		}
		peer.disconnect();
	}

	/**
	 * Sets which subprotocols it supports.
	 * @param names the names, in the order of preference
	 * @return this upstream
	 */
	public WebSocketUpstream subprotocols(String... names) {
		this.subprotocols = String.join(",", names);
		return this;
	}

	/**
	 * Refuses connections until the end of the test.
	 * @param status the status of the response
	 * @return this upstream
	 */
	public WebSocketUpstream refuse(int status) {
		this.refusal = status;
		return this;
	}

	/**
	 * Returns the next connection that the gateway has opened, and waits for it for at
	 * most 10 seconds.
	 * @return the upstream's end of the connection
	 * @throws AssertionError if there is none
	 */
	public SocketPeer accept() {
		SocketPeer peer = null;
		try {
			peer = this.accepted.poll(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		if (peer == null) {
			throw new AssertionError("Expected the gateway to connect to the upstream, but it has not.");
		}
		return peer;
	}

	/**
	 * Prepares a client of the gateway, which is closed after the test.
	 * @param uri the URI to connect to, {@code ws} or {@code wss}
	 * @return the client, not connected yet
	 */
	public SocketClient client(String uri) {
		return new SocketClient(URI.create(uri), this.peers::add);
	}

	@Override
	public void afterEach(ExtensionContext context) {
		synchronized (this.accepted) {
			this.ended++;
			this.peers.forEach(SocketPeer::disconnect);
			this.peers.clear();
			this.accepted.clear();
		}
		this.refusal = 0;
		this.subprotocols = null;
		// Closed when all tests have run.
		context.getRoot().getStore(NAMESPACE).put(this, (AutoCloseable) this::stop);
	}

	private synchronized void stop() {
		if (this.server != null) {
			this.server.disposeNow(PATIENCE);
			this.server = null;
		}
	}

}
