package dev.wspolicy.actuate;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits events per second, with a counter that restarts every second. Thread-safe and
 * lock-free.
 */
final class PerSecondLimiter {

	private static final long COUNT = 0xFFFFFFFFL;

	private final int limit;

	/**
	 * The current second in the upper 32 bits, the number of events in the lower 32 bits.
	 */
	private final AtomicLong state = new AtomicLong();

	private final long epoch = System.nanoTime();

	PerSecondLimiter(int limit) {
		this.limit = limit;
	}

	/** Count an event, unless the limit of the current second is reached. */
	boolean tryAcquire() {
		return tryAcquire(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - this.epoch));
	}

	boolean tryAcquire(long second) {
		while (true) {
			long seen = this.state.get();
			long count = (seen >>> 32 == second) ? seen & COUNT : 0;
			if (count >= this.limit) {
				return false;
			}
			if (this.state.compareAndSet(seen, second << 32 | (count + 1))) {
				return true;
			}
		}
	}

}
