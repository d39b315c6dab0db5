package dev.wspolicy.proving.soak;

import java.lang.management.ManagementFactory;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import javax.management.JMException;
import javax.management.ObjectName;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;

/**
 * What is left of sessions that have ended.
 *
 * @param heap the live heap in bytes
 * @param direct the direct memory of buffers in use and of their arenas, in bytes
 * @param descriptors the number of open file descriptors
 * @param threads the number of threads
 * @param timers the number of tasks that are scheduled on event loops
 * @param sessions the number of sessions in memory
 */
record Footprint(long heap, long direct, long descriptors, int threads, long timers, long sessions) {

	/** A row of the histogram: rank, instances, bytes and class. */
	private static final Pattern ROW = Pattern.compile("(?m)^ *[0-9]+: +([0-9]+) +([0-9]+) +(\\S+)");

	static Footprint measure() {
		long heap = 0;
		long timers = 0;
		long sessions = 0;
		for (MatchResult row : ROW.matcher(histogram()).results().toList()) {
			heap += Long.parseLong(row.group(2));
			if (row.group(3).equals("io.netty.util.concurrent.ScheduledFutureTask")) {
				timers = Long.parseLong(row.group(1));
			}
			if (row.group(3).equals("dev.wspolicy.netty.NettySession")) {
				sessions = Long.parseLong(row.group(1));
			}
		}
		long direct = Math.max(0, PlatformDependent.usedDirectMemory())
				+ PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
		long descriptors = (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)
				? system.getOpenFileDescriptorCount() : 0;
		return new Footprint(heap, direct, descriptors, ManagementFactory.getThreadMXBean().getThreadCount(), timers,
				sessions);
	}

	/** Collects garbage, and returns the live objects by class. */
	private static String histogram() {
		try {
			return (String) ManagementFactory.getPlatformMBeanServer()
				.invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
						new Object[] { new String[0] }, new String[] { String[].class.getName() });
		}
		catch (JMException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public String toString() {
		return String.format("heap %.1f MB, direct %.1f MB, %d descriptors, %d threads, %d timers, %d sessions",
				this.heap / 1e6, this.direct / 1e6, this.descriptors, this.threads, this.timers, this.sessions);
	}

}
