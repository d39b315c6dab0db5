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
 * What the policies of each route have answered: the counts that sessions have of
 * verdicts, one for each kind.
 */
final class VerdictTotals {

	private VerdictTotals() {
	}

	/**
	 * Totals by route, policy and direction.
	 * @param sessions the sessions
	 * @param clock tells when to ask them again
	 * @param created what to do with the totals of a policy that had none
	 * @return the totals
	 */
	static SessionTotals<Key> of(SessionRegistry sessions, Clock clock, Consumer<SessionTotals.Total<Key>> created) {
		return new SessionTotals<>(sessions, clock, Kind.values().length, VerdictTotals::counts, created);
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

}
