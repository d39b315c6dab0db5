package dev.wspolicy.fleet;

import java.time.Duration;

/**
 * The rates of a limit: the number of messages and bytes per period.
 *
 * @param frames the number of messages per period, or 0 for no limit
 * @param burst the number of messages that may pass at once
 * @param bytes the number of bytes per period, or 0 for no limit
 * @param burstBytes the number of bytes that may pass at once
 * @param per the period
 * @param lot how many messages a gateway may take at once from a store that several
 * gateways share, to grant the next ones without asking; 1 or more, and more than 1 only
 * without a limit of bytes
 */
public record Rates(long frames, long burst, long bytes, long burstBytes, Duration per, long lot) {

	/**
	 * The longest period. It fits into a number of nanoseconds, as stores require.
	 */
	public static final Duration LONGEST = Duration.ofDays(36_500);

	/**
	 * Returns the time after which an empty allowance is full again.
	 * @return the time, at least {@code per} and at most {@link #LONGEST}
	 */
	public Duration refillTime() {
		long times = 1;
		if (this.frames > 0) {
			times = Math.max(times, this.burst / this.frames + 1);
		}
		if (this.bytes > 0) {
			times = Math.max(times, this.burstBytes / this.bytes + 1);
		}
		// A duration cannot hold every product, and nobody waits that long
		return (times > LONGEST.dividedBy(this.per)) ? LONGEST : this.per.multipliedBy(times);
	}

}
