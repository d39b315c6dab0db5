package dev.wspolicy.effort;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A time limit for work whose cost depends on the input of a peer. The work reports its
 * steps, and stops when the time has elapsed or its thread is interrupted. Not
 * thread-safe: belongs to the thread that does the work.
 */
public final class Effort {

	/** The number of steps, of a few nanoseconds each, between checks of the clock. */
	private static final int STEPS_PER_CHECK = 512;

	private final LongSupplier clock;

	private final long end;

	private long steps = STEPS_PER_CHECK;

	Effort(Duration atMost, LongSupplier clock) {
		this.clock = clock;
		this.end = clock.getAsLong() + atMost.toNanos();
	}

	/**
	 * Starts the time limit.
	 * @param atMost the duration of the limit
	 * @return the effort
	 */
	public static Effort of(Duration atMost) {
		return new Effort(atMost, System::nanoTime);
	}

	/**
	 * Reports steps.
	 * @param steps the number of steps, of a few nanoseconds each
	 * @throws EffortExceededException if the time has elapsed or the thread is
	 * interrupted
	 */
	public void spend(long steps) {
		this.steps -= steps;
		if (this.steps < 0) {
			this.steps = STEPS_PER_CHECK;
			if (this.clock.getAsLong() - this.end > 0 || Thread.currentThread().isInterrupted()) {
				throw new EffortExceededException();
			}
		}
	}

}
