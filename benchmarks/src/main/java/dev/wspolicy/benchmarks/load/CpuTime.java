package dev.wspolicy.benchmarks.load;

import java.time.Duration;
import java.util.List;

/**
 * User and system time of processes. The operating system tells it in ticks, mostly
 * hundredths of a second.
 */
final class CpuTime {

	private CpuTime() {
	}

	static long nanos(List<Long> processes) {
		return processes.stream().mapToLong(CpuTime::nanos).sum();
	}

	private static long nanos(long process) {
		return ProcessHandle.of(process)
			.flatMap((handle) -> handle.info().totalCpuDuration())
			.map(Duration::toNanos)
			.orElse(0L);
	}

}
