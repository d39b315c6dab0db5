package dev.wspolicy.test;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * How much time has passed in a recording. It never goes back. If the clock of the
 * gateway has been set, or another recording follows that was made before, time goes on
 * from there.
 */
final class ReplayClock {

	/** The lines of several threads, and those of messages that were held, come late. */
	private static final Duration LATE = Duration.ofMinutes(1);

	/** Longer gaps within a recording are none: the clock has been set. */
	private static final Duration LEAP = Duration.ofDays(7);

	/** The recorded time at which no time had passed. */
	private @Nullable Instant zero;

	private Duration elapsed = Duration.ZERO;

	/** A recording begins: the first one, or another one in the same file. */
	Duration begin(Instant time) {
		Duration leap = leap(time);
		if (!leap.isNegative()) {
			this.elapsed = this.elapsed.plus((leap.compareTo(LEAP) < 0) ? leap : LEAP);
		}
		this.zero = time.minus(this.elapsed);
		return this.elapsed;
	}

	/** A line has been recorded. */
	Duration at(Instant time) {
		Duration leap = leap(time);
		if (leap.compareTo(LATE.negated()) < 0 || leap.compareTo(LEAP) > 0) {
			this.zero = time.minus(this.elapsed);
		}
		else if (!leap.isNegative()) {
			this.elapsed = this.elapsed.plus(leap);
		}
		return this.elapsed;
	}

	/** Something had happened before its line was recorded, perhaps long before. */
	Duration before(Instant time) {
		return leap(time).isNegative() ? this.elapsed : at(time);
	}

	private Duration leap(Instant time) {
		if (this.zero == null) {
			this.zero = time;
		}
		return Duration.between(this.zero, time).minus(this.elapsed);
	}

}
