package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process that this one has started, and ends.
 */
final class Child implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofMinutes(3);

	private final String name;

	private final Process process;

	private final Path log;

	private Child(String name, Process process, Path log) {
		this.name = name;
		this.process = process;
		this.log = log;
	}

	static Child start(String name, List<String> command, Path directory) throws IOException {
		Files.createDirectories(directory);
		Path log = directory.resolve(name + ".log");
		ProcessBuilder builder = new ProcessBuilder(command);
		builder.redirectErrorStream(true).redirectOutput(log.toFile());
		Process process = builder.start();
		// Nothing may be left if this process is ended early.
		Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
		return new Child(name, process, log);
	}

	/** Wait until it takes connections. */
	Child awaitPort(int port) throws IOException, InterruptedException {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		while (!isListening(port)) {
			if (this.process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
				close();
				throw new IOException(this.name + " does not listen: " + Files.readString(this.log));
			}
		}
		return this;
	}

	private static boolean isListening(int port) {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress("127.0.0.1", port));
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	long pid() {
		return this.process.pid();
	}

	/** This process and those it has started itself. */
	List<Long> pids() {
		return Stream.concat(Stream.of(this.process.toHandle()), this.process.descendants())
			.map(ProcessHandle::pid)
			.toList();
	}

	@Override
	public void close() {
		close(Duration.ofSeconds(5));
	}

	/** Asks the process to end, and ends it by force if it takes longer. */
	void close(Duration patience) {
		List<ProcessHandle> descendants = this.process.descendants().toList();
		this.process.destroy();
		this.process.onExit().completeOnTimeout(this.process, patience.toMillis(), TimeUnit.MILLISECONDS).join();
		this.process.destroyForcibly();
		descendants.forEach(ProcessHandle::destroyForcibly);
	}

}
