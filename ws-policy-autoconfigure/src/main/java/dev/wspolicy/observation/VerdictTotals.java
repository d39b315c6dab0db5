package dev.wspolicy.observation;

import java.util.function.BiConsumer;
import java.util.function.Consumer;

import io.micrometer.core.instrument.Clock;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.VerdictCounts;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * Totals of the verdicts of each policy. The array holds one count per kind of verdict,
 * followed by the number of delayed verdicts and their total delay in nanoseconds.
 */
final class VerdictTotals {

	static final int WAITS = Kind.values().length;

	static final int WAITED = WAITS + 1;

	private VerdictTotals() {
	}

	/**
	 * Create totals that are grouped by route, policy and direction.
	 * @param sessions the live sessions
	 * @param clock the clock that limits how often sessions are read
	 * @param created called with the new totals of a policy
	 * @return the totals
	 */
	static SessionTotals<Key> of(SessionRegistry sessions, Clock clock, Consumer<SessionTotals.Total<Key>> created) {
		return new SessionTotals<>(sessions, clock, WAITED + 1, VerdictTotals::counts, created);
	}

	private static void counts(ProxiedSession session, BiConsumer<Key, Consumer<long[]>> action) {
		String route = session.upgrade().routeId();
		for (Direction direction : Direction.values()) {
			for (VerdictCounts counts : session.verdicts(direction)) {
				action.accept(new Key(route, counts.policy(), direction), (sums) -> add(sums, counts));
			}
		}
	}

	private static void add(long[] sums, VerdictCounts counts) {
		for (Kind kind : Kind.values()) {
			sums[kind.ordinal()] += counts.count(kind);
		}
		sums[WAITS] += counts.waits();
		sums[WAITED] += counts.waited().toNanos();
	}

	/**
	 * The key that verdicts are grouped by.
	 *
	 * @param route the id of the route
	 * @param policy the name of the policy
	 * @param direction the direction
	 */
	record Key(String route, String policy, Direction direction) {

	}

}
