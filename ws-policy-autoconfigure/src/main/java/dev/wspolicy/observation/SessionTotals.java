package dev.wspolicy.observation;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import io.micrometer.core.instrument.Clock;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;

/**
 * Sums counts over all sessions, live and closed. Frames cost nothing: each session keeps
 * its own counts, and all of them are read in one pass when a meter is read, at most once
 * per second.
 *
 * @param <K> the type of the key that counts are grouped by
 */
final class SessionTotals<K> {

	private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final Map<K, Total<K>> totals = new ConcurrentHashMap<>();

	private final SessionRegistry sessions;

	private final Clock clock;

	private final int size;

	private final Counts<K> counts;

	private final Consumer<Total<K>> created;

	private boolean fresh;

	private long refreshedAt;

	/**
	 * Creates totals of the given size.
	 * @param sessions the live sessions
	 * @param clock the clock that limits how often sessions are read
	 * @param size the number of counts per key
	 * @param counts reads the counts of a session
	 * @param created called with each new total
	 */
	SessionTotals(SessionRegistry sessions, Clock clock, int size, Counts<K> counts, Consumer<Total<K>> created) {
		this.sessions = sessions;
		this.clock = clock;
		this.size = size;
		this.counts = counts;
		this.created = created;
	}

	/**
	 * Create the totals of a session that has opened, so that they can be read at once.
	 */
	void opened(ProxiedSession session) {
		this.counts.of(session, (key, adder) -> total(key));
	}

	/** Add the counts of a closed session, which is no longer in the registry. */
	void closed(ProxiedSession session) {
		this.counts.of(session, (key, adder) -> {
			long[] sums = new long[this.size];
			adder.accept(sums);
			total(key).close(sums);
		});
	}

	private Total<K> total(K key) {
		Total<K> total = this.totals.get(key);
		if (total != null) {
			return total;
		}
		Total<K> mine = new Total<>(key, this.size, this::refresh);
		Total<K> other = this.totals.putIfAbsent(key, mine);
		if (other != null) {
			return other;
		}
		this.created.accept(mine);
		return mine;
	}

	private synchronized void refresh() {
		long now = this.clock.monotonicTime();
		if (this.fresh && now - this.refreshedAt < REFRESH_NANOS) {
			return;
		}
		// Read the closed sessions first, so that a session that closes in the meantime
		// may be missed once but is never counted twice.
		Map<K, long[]> sums = new HashMap<>();
		this.totals.forEach((key, total) -> sums.put(key, total.closedSoFar()));
		this.sessions.stream().forEach((session) -> this.counts.of(session, (key, adder) -> {
			long[] sum = sums.get(key);
			if (sum != null) {
				adder.accept(sum);
			}
		}));
		sums.forEach((key, sum) -> total(key).report(sum));
		this.fresh = true;
		this.refreshedAt = now;
	}

	/**
	 * Reads the counts of a session.
	 *
	 * @param <K> the type of the key that counts are grouped by
	 */
	@FunctionalInterface
	interface Counts<K> {

		/**
		 * Read the counts of a session.
		 * @param session the session
		 * @param action called with each key that the session has counts for, and with a
		 * function that adds these counts to an array
		 */
		void of(ProxiedSession session, BiConsumer<K, Consumer<long[]>> action);

	}

	/**
	 * The counts of one key.
	 *
	 * @param <K> the type of the key
	 */
	static final class Total<K> {

		private final K key;

		private final AtomicLongArray closed;

		/** Never decreases, even if a session that is about to close has been missed. */
		private final AtomicLongArray reported;

		private final Runnable refresh;

		private Total(K key, int size, Runnable refresh) {
			this.key = key;
			this.closed = new AtomicLongArray(size);
			this.reported = new AtomicLongArray(size);
			this.refresh = refresh;
		}

		K key() {
			return this.key;
		}

		double count(int index) {
			this.refresh.run();
			return this.reported.get(index);
		}

		private void close(long[] sums) {
			for (int i = 0; i < sums.length; i++) {
				this.closed.addAndGet(i, sums[i]);
			}
		}

		private long[] closedSoFar() {
			long[] copy = new long[this.closed.length()];
			for (int i = 0; i < copy.length; i++) {
				copy[i] = this.closed.get(i);
			}
			return copy;
		}

		private void report(long[] sums) {
			for (int i = 0; i < sums.length; i++) {
				this.reported.accumulateAndGet(i, sums[i], Math::max);
			}
		}

	}

}
