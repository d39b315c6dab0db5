package dev.wspolicy.redis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;
import redis.embedded.RedisExecProvider;

import static org.awaitility.Awaitility.await;

/**
 * A Redis server in a process of its own, without persistence, on a port of this machine
 * that stays the same when it is started again.
 */
final class RedisProcess implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	/**
	 * Below the ports that the system gives to connections, one of which would otherwise
	 * take the port while this server is down. A cluster node also uses the port that is
	 * greater by 10,000.
	 */
	private static final int FIRST_PORT = 12_000;

	private static final int LAST_PORT = 22_000;

	private static final int ATTEMPTS = 10;

	private final int port;

	private final Path directory;

	private final List<String> options;

	private @Nullable Process process;

	private RedisProcess(int port, List<String> options) {
		this.port = port;
		this.options = options;
		try {
			this.directory = Files.createTempDirectory("redis");
			Files.createFile(this.directory.resolve("sentinel.conf"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Starts a server.
	 * @param options further options, for example {@code --cluster-enabled yes}
	 * @return the server, which answers
	 */
	static RedisProcess start(String... options) {
		List<String> all = new ArrayList<>(List.of("--save", "", "--appendonly", "no", "--daemonize", "no"));
		all.addAll(List.of(options));
		return launched(all);
	}

	/** Returns the server to test with, which may be Valkey or a later Redis. */
	private static String executable() throws IOException {
		String executable = System.getProperty("redis.executable");
		return (executable != null) ? executable : RedisExecProvider.defaultProvider().get().getAbsolutePath();
	}

	/** Starts a Sentinel that watches nothing yet. */
	static RedisProcess sentinel() {
		return launched(List.of("sentinel.conf", "--sentinel"));
	}

	private static RedisProcess launched(List<String> options) {
		for (int i = 0; i < ATTEMPTS; i++) {
			RedisProcess redis = new RedisProcess(freePort(), options);
			redis.launch();
			// Another server may have been faster to take the port
			if (redis.awaitAnswer()) {
				return redis;
			}
			redis.close();
		}
		throw new IllegalStateException("Redis has not started on any of " + ATTEMPTS + " ports");
	}

	static int freePort() {
		for (;;) {
			int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
			try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
				return socket.getLocalPort();
			}
			catch (IOException ex) {
				// Taken
			}
		}
	}

	int port() {
		return this.port;
	}

	/** Starts it again, empty, after {@link #kill()}. */
	void restart() {
		launch();
		if (!awaitAnswer()) {
			throw new IllegalStateException("Redis has not started on port " + this.port);
		}
	}

	private void launch() {
		try {
			List<String> command = new ArrayList<>(List.of(executable()));
			command.addAll(this.options);
			command.addAll(List.of("--port", "" + this.port, "--bind", "127.0.0.1"));
			this.process = new ProcessBuilder(command).directory(this.directory.toFile())
				.redirectErrorStream(true)
				.redirectOutput(this.directory.resolve("log").toFile())
				.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Returns whether it answers, or {@code false} if it has ended. */
	private boolean awaitAnswer() {
		Process started = process();
		await().atMost(TIMEOUT).ignoreExceptions().until(() -> !started.isAlive() || answers(started));
		return started.isAlive();
	}

	/** Whether it is this process that answers, and no other on the same port. */
	private boolean answers(Process started) {
		return command("INFO server").contains("process_id:" + started.pid());
	}

	private Process process() {
		if (this.process == null) {
			throw new IllegalStateException("Redis has not been started");
		}
		return this.process;
	}

	/** Returns the answer to a command, line by line as it comes. */
	String command(String command) {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
			socket.setSoTimeout((int) TIMEOUT.toMillis());
			socket.getOutputStream().write((command + "\r\nPING\r\n").getBytes(StandardCharsets.US_ASCII));
			BufferedReader reader = new BufferedReader(
					new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
			StringBuilder answer = new StringBuilder();
			String line = reader.readLine();
			while (line != null && !line.equals("+PONG")) {
				answer.append(line).append('\n');
				line = reader.readLine();
			}
			return answer.toString();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Ends it at once, as a crash would. */
	void kill() {
		if (this.process != null) {
			this.process.destroyForcibly().onExit().join();
		}
	}

	/** Stops it, so that its connections stay open and nothing is answered. */
	void pause() {
		signal("STOP");
	}

	/** Lets it go on after {@link #pause()}. */
	void resume() {
		signal("CONT");
	}

	private void signal(String name) {
		try {
			new ProcessBuilder("kill", "-" + name, "" + process().pid()).start().onExit().join();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		kill();
		try {
			FileSystemUtils.deleteRecursively(this.directory);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
