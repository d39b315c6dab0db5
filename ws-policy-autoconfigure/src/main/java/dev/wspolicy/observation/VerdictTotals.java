package dev.wspolicy.observation;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import io.micrometer.core.instrument.Clock;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.VerdictCounts;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * What the policies of each route have answered, in all sessions that ever lived. As with
 * {@link TrafficTotals}, sessions count for themselves and are asked when somebody reads
 * a meter.
 */
final class VerdictTotals {

	private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final Map<Key, Total> totals = new ConcurrentHashMap<>();

	private final SessionRegistry sessions;

	private final Clock clock;

	private final Consumer<Total> created;

	private boolean fresh;

	private long refreshedAt;

	/**
	 * Totals.
	 * @param sessions the sessions
	 * @param clock tells when to ask them again
	 * @param created what to do with the totals of a policy that was not there before
	 */
	VerdictTotals(SessionRegistry sessions, Clock clock, Consumer<Total> created) {
		this.sessions = sessions;
		this.clock = clock;
		this.created = created;
	}

	void opened(ProxiedSession session) {
		forEach(session, (key, counts) -> total(key));
	}

	/** A session is over, and no longer in the registry. */
	void closed(ProxiedSession session) {
		forEach(session, (key, counts) -> {
			Total total = total(key);
			for (Kind kind : Kind.values()) {
				total.closed.addAndGet(kind.ordinal(), counts.count(kind));
			}
		});
	}

	private Total total(Key key) {
		Total total = this.totals.get(key);
		if (total != null) {
			return total;
		}
		Total mine = new Total(key);
		Total other = this.totals.putIfAbsent(key, mine);
		if (other != null) {
			return other;
		}
		this.created.accept(mine);
		return mine;
	}

	private static void forEach(ProxiedSession session, BiConsumer<Key, VerdictCounts> action) {
		String route = session.upgrade().routeId();
		for (Direction direction : Direction.values()) {
			for (VerdictCounts counts : session.verdicts(direction)) {
				action.accept(new Key(route, counts.policy(), direction), counts);
			}
		}
	}

	private synchronized void refresh() {
		long now = this.clock.monotonicTime();
		if (this.fresh && now - this.refreshedAt < REFRESH_NANOS) {
			return;
		}
		// The closed ones first: a session that closes meanwhile is missed or seen once.
		Map<Key, long[]> sums = new HashMap<>();
		this.totals.forEach((key, total) -> sums.put(key, total.closedSoFar()));
		this.sessions.stream().forEach((session) -> forEach(session, (key, counts) -> {
			long[] sum = sums.get(key);
			if (sum != null) {
				for (Kind kind : Kind.values()) {
					sum[kind.ordinal()] += counts.count(kind);
				}
			}
		}));
		sums.forEach((key, sum) -> total(key).report(sum));
		this.fresh = true;
		this.refreshedAt = now;
	}

	/**
	 * Whose verdicts are counted together.
	 *
	 * @param route the id of the route
	 * @param policy the name of the policy
	 * @param direction the direction
	 */
	record Key(String route, String policy, Direction direction) {

	}

	/**
	 * The totals of a policy.
	 */
	final class Total {

		private final Key key;

		private final AtomicLongArray closed = new AtomicLongArray(Kind.values().length);

		/** Never decreases, though a session that is just closing may be missed. */
		private final AtomicLongArray reported = new AtomicLongArray(Kind.values().length);

		private Total(Key key) {
			this.key = key;
		}

		Key key() {
			return this.key;
		}

		double total(Kind kind) {
			refresh();
			return this.reported.get(kind.ordinal());
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
