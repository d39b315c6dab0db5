package dev.wspolicy.policies;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * What may pass in a time.
 *
 * @param frames messages in the time, or 0 for any number
 * @param burst messages at once
 * @param bytes bytes in the time, or 0 for any number
 * @param burstBytes bytes at once
 * @param per the time
 */
public record Rates(long frames, long burst, long bytes, long burstBytes, Duration per) {

	static Rates of(RateLimit.Settings settings) {
		if (settings.frames() == null && settings.bytes() == null) {
			throw new IllegalArgumentException("frames: missing (expected: frames, bytes or both)");
		}
		if (settings.per().isNegative() || settings.per().isZero()) {
			throw new IllegalArgumentException("per: " + settings.per() + " (expected: more than zero)");
		}
		checkSpeed("frames", settings.frames(), settings.per());
		Long bytes = toBytes(settings.bytes());
		checkSpeed("bytes", bytes, settings.per());
		Long burstBytes = toBytes(settings.burstBytes());
		return new Rates(amount("frames", settings.frames()), burst("burst", settings.burst(), settings.frames()),
				amount("bytes", bytes), burst("burst-bytes", burstBytes, bytes), settings.per());
	}

	/**
	 * How long it takes an empty allowance to be full again.
	 * @return the time, at least {@code per}
	 */
	public Duration toFill() {
		long times = 1;
		if (this.frames > 0) {
			times = Math.max(times, this.burst / this.frames + 1);
		}
		if (this.bytes > 0) {
			times = Math.max(times, this.burstBytes / this.bytes + 1);
		}
		return this.per.multipliedBy(times);
	}

	private static @Nullable Long toBytes(@Nullable DataSize size) {
		return (size != null) ? Long.valueOf(size.toBytes()) : null;
	}

	/** Buckets know nothing faster, and are made when the first message comes. */
	private static void checkSpeed(String name, @Nullable Long amount, Duration per) {
		if (amount != null && per.compareTo(Duration.ofNanos(amount)) < 0) {
			throw new IllegalArgumentException(
					name + ": " + amount + " per " + per + " (expected: at most one per nanosecond)");
		}
	}

	private static long amount(String name, @Nullable Long value) {
		if (value != null && value < 1) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
		}
		return (value != null) ? value : 0;
	}

	private static long burst(String name, @Nullable Long burst, @Nullable Long rate) {
		if (burst != null && rate == null) {
			throw new IllegalArgumentException(name + ": " + burst + " (expected: only with a rate)");
		}
		return amount(name, (burst != null) ? burst : rate);
	}

}
