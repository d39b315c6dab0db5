package dev.wspolicy.netty;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Measures for how long the sessions of one event loop occupy it, turn by turn, and
 * counts those that want more. Written on that event loop only, without a lock; other
 * threads may see a value late.
 */
final class TurnClock {

	/** For how long the longest turn is remembered at least. */
	static final long WINDOW = TimeUnit.MINUTES.toNanos(1);

	/** The direction whose input is being read; null between two read loops. */
	private @Nullable Object reader;

	/** The time at which its first bytes came. */
	private long readAt;

	private long count;

	private long total;

	/** The longest turn since the window began. */
	private long longest;

	/** The longest turn in the window before. */
	private long previous;

	private long windowEnd;

	/** The clock of the event loop. */
	private final LongSupplier clock;

	/** The number of directions whose turn is over, and who have more to process. */
	private int waiting;

	/**
	 * Creates a clock of turns.
	 * @param clock the clock of the event loop, which other threads may read
	 */
	TurnClock(LongSupplier clock) {
		this.clock = clock;
		this.windowEnd = clock.getAsLong() + WINDOW;
	}

	/**
	 * Starts the turn of a direction with the first bytes of a read loop. The turn of
	 * another one, whose channel was closed in the middle of it, is forgotten.
	 * @param reader the direction
	 * @param nanoTime the time
	 * @return the time at which the turn began
	 */
	long startReading(Object reader, long nanoTime) {
		if (this.reader != reader) {
			this.reader = reader;
			this.readAt = nanoTime;
		}
		return this.readAt;
	}

	/** Ends the turn of a direction with the end of its read loop. */
	void endReading(Object reader, long nanoTime) {
		if (this.reader == reader) {
			record(this.readAt, nanoTime);
		}
		this.reader = null;
	}

	/** Counts a turn. */
	void record(long start, long end) {
		long nanos = end - start;
		this.count++;
		this.total += nanos;
		if (end - this.windowEnd >= 0) {
			// After a pause of more than a window, both are out of date.
			this.previous = (end - this.windowEnd < WINDOW) ? this.longest : 0;
			this.longest = 0;
			this.windowEnd = end + WINDOW;
		}
		if (nanos > this.longest) {
			this.longest = nanos;
		}
	}

	/** The turn of a direction is over before its input is. */
	void turnOver() {
		this.waiting++;
	}

	/** The next turn of a direction begins, or there will be none. */
	void turnResumed() {
		this.waiting--;
	}

	/** Returns the number of directions that wait for their next turn. */
	int waiting() {
		return this.waiting;
	}

	/** Returns the number of turns. From any thread. */
	long count() {
		return this.count;
	}

	/** Returns the time of all turns in nanoseconds. From any thread. */
	long total() {
		return this.total;
	}

	/**
	 * Returns the longest turn of this window and the previous one in nanoseconds. From
	 * any thread.
	 */
	long longest() {
		long late = this.clock.getAsLong() - this.windowEnd;
		if (late >= WINDOW) {
			return 0;
		}
		return (late >= 0) ? this.longest : Math.max(this.longest, this.previous);
	}

}
