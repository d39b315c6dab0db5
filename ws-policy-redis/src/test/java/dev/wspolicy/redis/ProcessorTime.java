package dev.wspolicy.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The processor time of a gateway's threads, by what they do, as Linux counts it.
 *
 * @param eventLoops the nanoseconds of the event loops of the gateway
 * @param compilers the nanoseconds of the JIT compilers
 * @param others the nanoseconds of all other threads
 */
record ProcessorTime(long eventLoops, long compilers, long others) {

	/**
	 * Read the times of all threads of a process that have not ended.
	 * @param pid the process
	 * @return the times since the process started
	 */
	static ProcessorTime of(long pid) {
		long eventLoops = 0;
		long compilers = 0;
		long others = 0;
		for (Path task : tasks(pid)) {
			String name = read(task.resolve("comm"));
			String times = read(task.resolve("schedstat"));
			long time = times.isEmpty() ? 0 : Long.parseLong(times.substring(0, times.indexOf(' ')));
			if (name.startsWith("reactor-http")) {
				eventLoops += time;
			}
			else if (name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler")) {
				compilers += time;
			}
			else {
				others += time;
			}
		}
		return new ProcessorTime(eventLoops, compilers, others);
	}

	private static List<Path> tasks(long pid) {
		try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
			return tasks.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			// The thread has ended since the listing
			return "";
		}
	}

	ProcessorTime minus(ProcessorTime before) {
		return new ProcessorTime(this.eventLoops - before.eventLoops, this.compilers - before.compilers,
				this.others - before.others);
	}

	ProcessorTime plus(ProcessorTime other) {
		return new ProcessorTime(this.eventLoops + other.eventLoops, this.compilers + other.compilers,
				this.others + other.others);
	}

}
