package dev.wspolicy.observation;

import java.util.function.Consumer;

import io.micrometer.core.instrument.Clock;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;

/**
 * Totals of the traffic of each route. The array holds the counts of messages, frames and
 * bytes, by direction and frame type.
 */
final class TrafficTotals {

	private static final int COUNTS_PER_DIRECTION = 1 + 2 * FrameType.values().length;

	private static final int COUNTS = Direction.values().length * COUNTS_PER_DIRECTION;

	private TrafficTotals() {
	}

	/**
	 * Create totals that are grouped by route id.
	 * @param sessions the live sessions
	 * @param clock the clock that limits how often sessions are read
	 * @param created called with the new totals of a route
	 * @return the totals
	 */
	static SessionTotals<String> of(SessionRegistry sessions, Clock clock,
			Consumer<SessionTotals.Total<String>> created) {
		return new SessionTotals<>(sessions, clock, COUNTS,
				(session, action) -> action.accept(session.upgrade().routeId(), (sums) -> add(sums, session)), created);
	}

	private static void add(long[] sums, ProxiedSession session) {
		for (Direction direction : Direction.values()) {
			sums[messages(direction)] += session.counts(direction).messages();
			for (FrameType type : FrameType.values()) {
				FrameCounts counts = session.counts(direction, type);
				sums[frames(direction, type)] += counts.frames();
				sums[bytes(direction, type)] += counts.bytes();
			}
		}
	}

	// The indexes of the counts

	static int messages(Direction direction) {
		return direction.ordinal() * COUNTS_PER_DIRECTION;
	}

	static int frames(Direction direction, FrameType type) {
		return messages(direction) + 1 + 2 * type.ordinal();
	}

	static int bytes(Direction direction, FrameType type) {
		return frames(direction, type) + 1;
	}

}
