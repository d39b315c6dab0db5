package dev.wspolicy.redis;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The clock of Redis as this gateway knows it, so that all gateways have the same one
 * whatever their own clocks say. Redis tells its time when it is asked for something
 * else. In between, time passes as it does in this process. It never goes back: if Redis
 * is behind, it passes more slowly until Redis has caught up. Safe from any thread, and
 * reading never waits.
 */
final class FleetClock {

	/**
	 * Of as many answers the fastest one counts, since what an answer took on its way is
	 * not known.
	 */
	private static final int ANSWERS = 8;

	/** By this part of the time that passes, it is slowed down. */
	private static final int SLOWER = 8;

	private final LongSupplier nanoTime;

	private final LongSupplier systemNanos;

	/** What Redis was ahead of the time of this process, in nanoseconds. */
	private final long[] ahead = new long[ANSWERS];

	private int answers;

	private volatile @Nullable Course course;

	FleetClock() {
		this(System::nanoTime, () -> TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()));
	}

	/**
	 * Creates a clock that has not been told the time yet.
	 * @param nanoTime the time of this process, which never goes back
	 * @param systemNanos the time of day in nanoseconds, until Redis has told it
	 */
	FleetClock(LongSupplier nanoTime, LongSupplier systemNanos) {
		this.nanoTime = nanoTime;
		this.systemNanos = systemNanos;
	}

	/**
	 * Tells the time of Redis, as soon as its answer has come.
	 * @param millis the time in milliseconds
	 */
	synchronized void tell(long millis) {
		long now = this.nanoTime.getAsLong();
		this.ahead[this.answers % ANSWERS] = TimeUnit.MILLISECONDS.toNanos(millis) - now;
		this.answers++;
		long target = this.ahead[0];
		for (int i = 1; i < Math.min(this.answers, ANSWERS); i++) {
			target = Math.max(target, this.ahead[i]);
		}
		Course before = this.course;
		this.course = new Course(now, (before != null) ? Math.max(before.ahead(now), target) : target, target);
	}

	/** Whether Redis has told the time. */
	boolean isKnown() {
		return this.course != null;
	}

	/** Returns the time of Redis in nanoseconds, or that of this system if unknown. */
	long nanos() {
		Course course = this.course;
		if (course == null) {
			return this.systemNanos.getAsLong();
		}
		long now = this.nanoTime.getAsLong();
		return now + course.ahead(now);
	}

	/**
	 * How the time runs.
	 *
	 * @param since the time of this process since when it does so
	 * @param from what it was ahead of this process then
	 * @param target what it is to be ahead, at most as much
	 */
	private record Course(long since, long from, long target) {

		long ahead(long now) {
			return Math.max(this.target, this.from - Math.max(0, now - this.since) / SLOWER);
		}

	}

}
