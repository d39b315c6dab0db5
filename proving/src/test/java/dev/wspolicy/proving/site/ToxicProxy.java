package dev.wspolicy.proving.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * A TCP proxy that damages what passes through it. Knows nothing of WebSocket and TLS.
 */
public final class ToxicProxy implements AutoCloseable {

	private final ServerSocket server;

	private final int target;

	private final Supplier<Toxics> toxics;

	private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

	private ToxicProxy(ServerSocket server, int target, Supplier<Toxics> toxics) {
		this.server = server;
		this.target = target;
		this.toxics = toxics;
		start(this::acceptAll);
	}

	/**
	 * Starts a proxy on a free port.
	 * @param target the port that it connects with
	 * @param toxics supplies the toxics of each connection
	 */
	public static ToxicProxy to(int target, Supplier<Toxics> toxics) {
		try {
			return new ToxicProxy(new ServerSocket(0, 1024, InetAddress.getLoopbackAddress()), target, toxics);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public int port() {
		return this.server.getLocalPort();
	}

	private void acceptAll() {
		while (!this.server.isClosed()) {
			try {
				Socket client = this.server.accept();
				this.sockets.removeIf(Socket::isClosed);
				this.sockets.add(client);
				connect(client);
			}
			catch (IOException ex) {
				// The server has been closed, or the client is gone.
			}
		}
	}

	private void connect(Socket client) throws IOException {
		try {
			Socket server = new Socket(InetAddress.getLoopbackAddress(), this.target);
			this.sockets.add(server);
			client.setTcpNoDelay(true);
			server.setTcpNoDelay(true);
			Toxics toxics = this.toxics.get();
			Pipe up = new Pipe(client, server);
			Pipe down = new Pipe(server, client);
			start(() -> up.run(toxics.up()));
			start(() -> down.run(toxics.down()));
		}
		catch (IOException ex) {
			reset(client);
		}
	}

	private static void start(Runnable task) {
		Thread thread = new Thread(task, "toxic-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	static void reset(Socket socket) {
		try {
			socket.setSoLinger(true, 0);
		}
		catch (SocketException ex) {
			// It is closed already.
		}
		close(socket);
	}

	static void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			// It is closed already.
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
		this.sockets.forEach(ToxicProxy::reset);
	}

	/**
	 * The toxics of a connection.
	 *
	 * @param up for what the client sends
	 * @param down for what the server sends
	 */
	public record Toxics(Toxic up, Toxic down) {

		public static final Toxics NONE = new Toxics(Toxic.NONE, Toxic.NONE);

		public static Toxics up(Toxic toxic) {
			return new Toxics(toxic, Toxic.NONE);
		}

		public static Toxics down(Toxic toxic) {
			return new Toxics(Toxic.NONE, toxic);
		}

	}

}
