package dev.wspolicy.demo.fleet;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.util.ClassUtils;
import redis.embedded.RedisExecProvider;

/**
 * A Redis server on a free port of this machine, which keeps everything in memory. Its
 * program is the {@code redis-server} on the path, or else the one that comes with the
 * library embedded-redis.
 */
final class RedisServer implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(RedisServer.class);

	private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

	private static final Duration INTERVAL = Duration.ofMillis(20);

	private final int port;

	private final Process process;

	/**
	 * Starts the server, and waits until it answers.
	 */
	RedisServer() {
		try {
			this.port = freePort();
			this.process = new ProcessBuilder(program(), "--port", "" + this.port, "--bind", "127.0.0.1", "--save", "",
					"--appendonly", "no")
				.redirectErrorStream(true)
				.redirectOutput(Redirect.DISCARD)
				.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		try {
			awaitAnswer();
		}
		catch (IllegalStateException ex) {
			close();
			throw ex;
		}
		logger.info("Redis started on port " + this.port + " (process " + this.process.pid() + ")");
	}

	private static String program() throws IOException {
		for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
			Path program = Path.of(folder, "redis-server");
			if (Files.isExecutable(program)) {
				return program.toString();
			}
		}
		if (ClassUtils.isPresent("redis.embedded.RedisExecProvider", RedisServer.class.getClassLoader())) {
			return Embedded.program();
		}
		throw new IllegalStateException("The profile 'fleet' requires the program redis-server on the path");
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private void awaitAnswer() {
		long end = System.nanoTime() + START_TIMEOUT.toNanos();
		try {
			while (!answers()) {
				if (this.process.waitFor(INTERVAL.toMillis(), TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
					throw new IllegalStateException("Redis did not start on port " + this.port);
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private boolean answers() {
		try (Socket socket = new Socket()) {
			int timeout = (int) START_TIMEOUT.toMillis();
			socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.port), timeout);
			socket.setSoTimeout(timeout);
			socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
			return socket.getInputStream().read() == '+';
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Returns the port that the server listens on.
	 * @return the port
	 */
	int port() {
		return this.port;
	}

	@Override
	public void close() {
		this.process.destroy();
	}

	/** Loaded only if the library is there. */
	private static final class Embedded {

		static String program() throws IOException {
			return RedisExecProvider.defaultProvider().get().getAbsolutePath();
		}

	}

}
