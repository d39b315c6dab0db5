package dev.wspolicy.actuate;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The limits of a tap.
 *
 * @param sample the fraction of the frames to record, up to 1 for all
 * @param duration how long the tap runs
 * @param rate the maximum number of records per second
 * @param bytes the maximum number of payload bytes per record
 */
record TapLimits(double sample, Duration duration, int rate, int bytes) {

	private static final Duration DEFAULT_DURATION = Duration.ofSeconds(60);

	private static final int DEFAULT_RATE = 100;

	private static final int DEFAULT_BYTES = 1024;

	/**
	 * Create the limits that an operator requests, within the allowed maximum. A limit
	 * that is not requested has its default value, or the maximum if that is less.
	 */
	static TapLimits of(@Nullable Double sample, @Nullable Duration duration, @Nullable Integer rate,
			@Nullable Integer bytes, TapSettings most) {
		TapLimits limits = new TapLimits((sample != null) ? sample : 1,
				(duration != null) ? duration : shorter(DEFAULT_DURATION, most.maxDuration()),
				(rate != null) ? rate : Math.min(DEFAULT_RATE, most.maxRate()),
				(bytes != null) ? bytes : Math.min(DEFAULT_BYTES, most.maxBytes()));
		check(limits.sample > 0 && limits.sample <= 1,
				"sample: " + limits.sample + " (expected: more than 0, at most 1)");
		check(!limits.duration.isNegative() && !limits.duration.isZero()
				&& limits.duration.compareTo(most.maxDuration()) <= 0,
				"duration: " + limits.duration + " (expected: more than 0, at most " + most.maxDuration() + ")");
		check(limits.rate >= 1 && limits.rate <= most.maxRate(),
				"rate: " + limits.rate + " (expected: 1 to " + most.maxRate() + ")");
		check(limits.bytes >= 0 && limits.bytes <= most.maxBytes(),
				"bytes: " + limits.bytes + " (expected: 0 to " + most.maxBytes() + ")");
		return limits;
	}

	private static Duration shorter(Duration first, Duration second) {
		return (first.compareTo(second) < 0) ? first : second;
	}

	private static void check(boolean holds, String message) {
		if (!holds) {
			throw Problem.invalid(message);
		}
	}

}
