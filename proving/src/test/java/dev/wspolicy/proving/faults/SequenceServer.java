package dev.wspolicy.proving.faults;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.net.ssl.SSLContext;

import org.jspecify.annotations.Nullable;

/**
 * The upstreams of sessions with {@link SequencePeer}s at both ends. Can be killed with
 * all its connections, and started again on its port.
 */
final class SequenceServer implements AutoCloseable {

	private static final Pattern REQUEST = Pattern
		.compile("(?is)GET /[a-z]+/([0-9]+) .*sec-websocket-key: *(.*?)\r\n.*");

	private final @Nullable SSLContext tls;

	private final Map<Long, Talk> talks = new ConcurrentHashMap<>();

	private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

	private volatile ServerSocket server;

	SequenceServer(@Nullable SSLContext tls) throws IOException {
		this.tls = tls;
		this.server = listen(0);
	}

	private ServerSocket listen(int port) throws IOException {
		ServerSocket server = (this.tls != null) ? this.tls.getServerSocketFactory().createServerSocket()
				: new ServerSocket();
		server.setReuseAddress(true);
		bind(server, port);
		start(() -> acceptAll(server));
		return server;
	}

	/** Binds as soon as a server that has been closed gives back the port. */
	private static void bind(ServerSocket server, int port) throws IOException {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		while (true) {
			try {
				server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
				return;
			}
			catch (BindException ex) {
				if (System.nanoTime() > end) {
					throw ex;
				}
				Thread.onSpinWait();
			}
		}
	}

	int port() {
		return this.server.getLocalPort();
	}

	/** Announces a session before it is opened. */
	void announce(Talk talk) {
		this.talks.put(talk.id(), talk);
	}

	void forget(Talk talk) {
		this.talks.remove(talk.id());
	}

	/** The gateway is about to end all sessions. */
	void expectDrain() {
		this.talks.values().forEach(Talk::expectDrain);
	}

	/** Resets all connections, listens no longer for a moment, and starts again. */
	void restart() throws IOException {
		int port = port();
		this.server.close();
		this.talks.values().forEach(Talk::killUpstream);
		this.sockets.forEach(SequenceServer::close);
		this.sockets.clear();
		this.server = listen(port);
	}

	private void acceptAll(ServerSocket server) {
		while (!server.isClosed()) {
			try {
				Socket socket = server.accept();
				this.sockets.removeIf(Socket::isClosed);
				this.sockets.add(socket);
				start(() -> serve(socket));
			}
			catch (IOException ex) {
				// The server has been closed.
			}
		}
	}

	private void serve(Socket socket) {
		try {
			socket.setTcpNoDelay(true);
			InputStream input = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
			String head = SequencePeer.readHead(input);
			Matcher request = REQUEST.matcher(head);
			if (!request.matches()) {
				throw new IOException("Not a request of a session");
			}
			Talk talk = this.talks.get(Long.parseLong(request.group(1)));
			if (talk == null) {
				throw new IOException("A session that nobody waits for any more");
			}
			talk.serve(SequencePeer.accept(socket, input, head, accept(request.group(2)), talk));
		}
		catch (IOException ex) {
			close(socket);
		}
	}

	private static String accept(String key) {
		try {
			return Base64.getEncoder()
				.encodeToString(MessageDigest.getInstance("SHA-1")
					.digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.ISO_8859_1)));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void start(Runnable task) {
		Thread thread = new Thread(task, "sequence-server");
		thread.setDaemon(true);
		thread.start();
	}

	private static void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			// It is closed already.
		}
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		this.sockets.forEach(SequenceServer::close);
	}

}
