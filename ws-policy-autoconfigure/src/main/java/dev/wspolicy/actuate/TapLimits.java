package dev.wspolicy.actuate;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How much of the traffic a tap shows, and for how long.
 *
 * @param sample the share of the frames: 1 for all of them
 * @param duration how long
 * @param rate how many records per second
 * @param bytes how many bytes of each payload
 */
record TapLimits(double sample, Duration duration, int rate, int bytes) {

	private static final Duration DEFAULT_DURATION = Duration.ofSeconds(60);

	private static final int DEFAULT_RATE = 100;

	private static final int DEFAULT_BYTES = 1024;

	/**
	 * What an operator asks for, if that is allowed. What is not asked for has its
	 * default, or what is allowed if that is less.
	 */
	static TapLimits of(@Nullable Double sample, @Nullable Duration duration, @Nullable Integer rate,
			@Nullable Integer bytes, TapSettings most) {
		TapLimits limits = new TapLimits((sample != null) ? sample : 1,
				(duration != null) ? duration : shorter(DEFAULT_DURATION, most.maxDuration()),
				(rate != null) ? rate : Math.min(DEFAULT_RATE, most.maxRate()),
				(bytes != null) ? bytes : Math.min(DEFAULT_BYTES, most.maxBytes()));
		check(limits.sample > 0 && limits.sample <= 1, "sample: " + limits.sample + " (expected: more than 0, to 1)");
		check(!limits.duration.isNegative() && !limits.duration.isZero()
				&& limits.duration.compareTo(most.maxDuration()) <= 0,
				"duration: " + limits.duration + " (expected: more than 0, to " + most.maxDuration() + ")");
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
