package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The CPU time of a JVM's compiler threads, on Linux.
 */
final class CompilerTime {

	/** A tick of the kernel's accounting, as a program sees it. */
	private static final long TICK_NANOS = 10_000_000;

	private CompilerTime() {
	}

	/**
	 * Returns the user and system time so far, in nanoseconds; 0 if it is unknown.
	 * @param pid the process
	 */
	static long nanos(long pid) {
		try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
			return threads.mapToLong(CompilerTime::ticks).sum() * TICK_NANOS;
		}
		catch (IOException ex) {
			return 0;
		}
	}

	private static long ticks(Path thread) {
		try {
			// The name is in parentheses, and may contain spaces.
			String stat = Files.readString(thread.resolve("stat"));
			int end = stat.lastIndexOf(')');
			String name = stat.substring(stat.indexOf('(') + 1, end);
			if (!name.startsWith("C1 ") && !name.startsWith("C2 ")) {
				return 0;
			}
			String[] fields = stat.substring(end + 2).split(" ");
			return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
		}
		catch (IOException ex) {
			// The thread has ended.
			return 0;
		}
	}

}
