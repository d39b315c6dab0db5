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
 * What all sessions that ever lived come to. Frames pay nothing for it: sessions count
 * for themselves, and are asked when somebody reads a meter, all of them in one pass, and
 * not more than once a second.
 *
 * @param <K> what is counted together
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
	 * Totals.
	 * @param sessions the sessions
	 * @param clock tells when to ask them again
	 * @param size how many counts stand beside each other
	 * @param counts asks a session
	 * @param created what to do with a total that was not there before
	 */
	SessionTotals(SessionRegistry sessions, Clock clock, int size, Counts<K> counts, Consumer<Total<K>> created) {
		this.sessions = sessions;
		this.clock = clock;
		this.size = size;
		this.counts = counts;
		this.created = created;
	}

	/** A session lives, and there are totals to read. */
	void opened(ProxiedSession session) {
		this.counts.of(session, (key, adder) -> total(key));
	}

	/** A session is over, and no longer in the registry. */
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
		// The closed ones first: a session that closes meanwhile is missed or seen once,
		// never counted twice.
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
	 * Asks a session for its counts.
	 *
	 * @param <K> what is counted together
	 */
	@FunctionalInterface
	interface Counts<K> {

		/**
		 * Ask a session.
		 * @param session the session
		 * @param action called with each key that it counts for, and what adds its counts
		 * to others
		 */
		void of(ProxiedSession session, BiConsumer<K, Consumer<long[]>> action);

	}

	/**
	 * One total, of some counts beside each other.
	 *
	 * @param <K> what is counted together
	 */
	static final class Total<K> {

		private final K key;

		private final AtomicLongArray closed;

		/** Never decreases, though a session that is just closing may be missed. */
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
