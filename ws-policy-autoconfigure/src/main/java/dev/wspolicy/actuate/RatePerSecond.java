package dev.wspolicy.actuate;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So many a second, counted anew as each second begins. For any thread, without a lock.
 */
final class RatePerSecond {

	private static final long COUNT = 0xFFFFFFFFL;

	private final int limit;

	/** The second in the upper half, how many it has had in the lower one. */
	private final AtomicLong state = new AtomicLong();

	private final long epoch = System.nanoTime();

	RatePerSecond(int limit) {
		this.limit = limit;
	}

	/** Take one of this second's. */
	boolean take() {
		return take(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - this.epoch));
	}

	boolean take(long second) {
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
