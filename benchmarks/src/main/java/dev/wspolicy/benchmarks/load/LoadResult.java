package dev.wspolicy.benchmarks.load;

import org.jspecify.annotations.Nullable;

/**
 * What a load generator has seen.
 *
 * @param messages how many messages came, or sessions were opened and closed
 * @param nanos in what time
 * @param proxyNanos the CPU time, user and system, of the proxy meanwhile
 * @param endsNanos the CPU time of load generator and upstream meanwhile
 * @param p50 the median time from sending a message to having its answer, in nanoseconds;
 * zero where nobody waits for answers
 * @param p99 what 99 of 100 messages stay below
 * @param p999 what 999 of 1000 messages stay below
 * @param failure what went wrong, or {@code null}
 * @param refused how many attempts to open a session failed and were repeated
 */
public record LoadResult(long messages, long nanos, long proxyNanos, long endsNanos, long p50, long p99, long p999,
		@Nullable String failure, long refused) {

	/**
	 * A result of a load that repeats no attempt.
	 * @param messages how many messages came, or sessions were opened and closed
	 * @param nanos in what time
	 * @param proxyNanos the CPU time of the proxy meanwhile
	 * @param endsNanos the CPU time of load generator and upstream meanwhile
	 * @param p50 the median time from sending a message to having its answer
	 * @param p99 what 99 of 100 messages stay below
	 * @param p999 what 999 of 1000 messages stay below
	 * @param failure what went wrong, or {@code null}
	 */
	public LoadResult(long messages, long nanos, long proxyNanos, long endsNanos, long p50, long p99, long p999,
			@Nullable String failure) {
		this(messages, nanos, proxyNanos, endsNanos, p50, p99, p999, failure, 0);
	}

	static LoadResult failed(String failure) {
		return new LoadResult(0, 0, 0, 0, 0, 0, 0, failure);
	}

	/**
	 * The proxy's CPU time for one message.
	 * @return microseconds
	 */
	public double micros() {
		return this.proxyNanos / 1000.0 / this.messages;
	}

	/**
	 * How many messages went through.
	 * @return messages in a second
	 */
	public double rate() {
		return this.messages * 1e9 / this.nanos;
	}

}
