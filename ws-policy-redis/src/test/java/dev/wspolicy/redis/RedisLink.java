package dev.wspolicy.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The network between gateways and Redis, which a test can cut or slow down.
 */
final class RedisLink implements AutoCloseable {

	private final ServerSocket server;

	private volatile int redis;

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	/** Those that swallow everything. */
	private final Set<Socket> silent = ConcurrentHashMap.newKeySet();

	private volatile boolean cut;

	private volatile long delay;

	private RedisLink(ServerSocket server, int redis) {
		this.server = server;
		this.redis = redis;
	}

	static RedisLink to(int redis) {
		try {
			RedisLink link = new RedisLink(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), redis);
			run(link::accept);
			return link;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void run(Runnable task) {
		Thread thread = new Thread(task, "redis-link");
		thread.setDaemon(true);
		thread.start();
	}

	int port() {
		return this.server.getLocalPort();
	}

	/** Breaks all connections, and lets none be established. */
	void cut() {
		this.cut = true;
		this.open.forEach(RedisLink::close);
	}

	void restore() {
		this.cut = false;
	}

	/**
	 * Leads connections that are established from now on to another server, as DNS does
	 * after a failover. Those that are open stay where they are.
	 */
	void leadTo(int redis) {
		this.redis = redis;
	}

	/** Lets what is open swallow everything, as if the machine behind were gone. */
	void silence() {
		this.silent.addAll(this.open);
	}

	/** Lets every byte take this time in each direction from now on. */
	RedisLink delay(Duration time) {
		this.delay = time.toNanos();
		return this;
	}

	private void accept() {
		while (!this.server.isClosed()) {
			try {
				connect(this.server.accept());
			}
			catch (IOException ex) {
				// The server is closed
			}
		}
	}

	private void connect(Socket gateway) {
		// Before the question, so that a cut meanwhile breaks it, too
		this.open.add(gateway);
		if (this.cut) {
			end(gateway);
			return;
		}
		try {
			Socket redis = new Socket(InetAddress.getLoopbackAddress(), this.redis);
			redis.setTcpNoDelay(true);
			gateway.setTcpNoDelay(true);
			this.open.add(redis);
			run(() -> pump(gateway, redis));
			run(() -> pump(redis, gateway));
			if (this.cut) {
				end(gateway);
				end(redis);
			}
		}
		catch (IOException ex) {
			// Redis is gone, which the gateway must be told
			end(gateway);
		}
	}

	private void end(Socket socket) {
		close(socket);
		this.open.remove(socket);
	}

	private void pump(Socket from, Socket to) {
		ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
		try (from; to) {
			InputStream in = from.getInputStream();
			OutputStream out = to.getOutputStream();
			byte[] buffer = new byte[65_536];
			long due = System.nanoTime();
			for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
				if (this.silent.contains(from)) {
					continue;
				}
				byte[] bytes = Arrays.copyOf(buffer, length);
				long now = System.nanoTime();
				// Bytes that came before are not overtaken
				due = now + Math.max(this.delay, due - now);
				writer.schedule(() -> {
					out.write(bytes);
					return null;
				}, due - now, TimeUnit.NANOSECONDS);
			}
		}
		catch (IOException ex) {
			// Cut, or one of the two is gone
		}
		writer.shutdownNow();
		this.open.remove(from);
		this.open.remove(to);
	}

	private static void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			// It is broken in any case
		}
	}

	@Override
	public void close() {
		cut();
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
