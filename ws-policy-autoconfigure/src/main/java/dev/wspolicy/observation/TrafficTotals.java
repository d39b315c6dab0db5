package dev.wspolicy.observation;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

import io.micrometer.core.instrument.Clock;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;

/**
 * What has travelled on each route, by all sessions that ever lived. Frames pay nothing
 * for it: sessions count for themselves, and are asked when somebody reads a meter, all
 * of them in one pass, and not more than once a second.
 */
final class TrafficTotals {

	private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final int COUNTS_PER_DIRECTION = 1 + 2 * FrameType.values().length;

	private static final int COUNTS = Direction.values().length * COUNTS_PER_DIRECTION;

	private final Map<String, Route> routes = new ConcurrentHashMap<>();

	private final SessionRegistry sessions;

	private final Clock clock;

	private boolean fresh;

	private long refreshedAt;

	TrafficTotals(SessionRegistry sessions, Clock clock) {
		this.sessions = sessions;
		this.clock = clock;
	}

	/**
	 * A route has a session.
	 * @param id the id of the route
	 * @param created what to do with its totals if this is the route's first
	 */
	void opened(String id, Consumer<Route> created) {
		if (!this.routes.containsKey(id)) {
			Route route = new Route(id);
			if (this.routes.putIfAbsent(id, route) == null) {
				created.accept(route);
			}
		}
	}

	/**
	 * A session is over, and no longer in the registry.
	 * @param session the session
	 */
	void closed(ProxiedSession session) {
		Route route = this.routes.get(session.upgrade().routeId());
		if (route != null) {
			long[] counts = new long[COUNTS];
			add(counts, session);
			for (int i = 0; i < COUNTS; i++) {
				route.closed.addAndGet(i, counts[i]);
			}
		}
	}

	private synchronized void refresh() {
		long now = this.clock.monotonicTime();
		if (this.fresh && now - this.refreshedAt < REFRESH_NANOS) {
			return;
		}
		// The closed ones first: a session that closes meanwhile is missed or seen once,
		// never counted twice.
		Map<String, long[]> sums = new HashMap<>();
		this.routes.forEach((id, route) -> sums.put(id, copy(route.closed)));
		this.sessions.stream().forEach((session) -> {
			long[] sum = sums.get(session.upgrade().routeId());
			if (sum != null) {
				add(sum, session);
			}
		});
		this.routes.forEach((id, route) -> {
			long[] sum = sums.get(id);
			if (sum != null) {
				route.report(sum);
			}
		});
		this.fresh = true;
		this.refreshedAt = now;
	}

	private static void add(long[] sum, ProxiedSession session) {
		for (Direction direction : Direction.values()) {
			sum[messages(direction)] += session.counts(direction).messages();
			for (FrameType type : FrameType.values()) {
				FrameCounts counts = session.counts(direction, type);
				sum[frames(direction, type)] += counts.frames();
				sum[bytes(direction, type)] += counts.bytes();
			}
		}
	}

	private static long[] copy(AtomicLongArray array) {
		long[] copy = new long[array.length()];
		for (int i = 0; i < copy.length; i++) {
			copy[i] = array.get(i);
		}
		return copy;
	}

	// Where a count stands among those of a route or session

	static int messages(Direction direction) {
		return direction.ordinal() * COUNTS_PER_DIRECTION;
	}

	static int frames(Direction direction, FrameType type) {
		return messages(direction) + 1 + 2 * type.ordinal();
	}

	static int bytes(Direction direction, FrameType type) {
		return frames(direction, type) + 1;
	}

	/**
	 * The totals of a route.
	 */
	final class Route {

		private final String id;

		private final AtomicLongArray closed = new AtomicLongArray(COUNTS);

		/** Never decreases, though a session that is just closing may be missed. */
		private final AtomicLongArray reported = new AtomicLongArray(COUNTS);

		private Route(String id) {
			this.id = id;
		}

		String id() {
			return this.id;
		}

		double total(int index) {
			refresh();
			return this.reported.get(index);
		}

		private void report(long[] sums) {
			for (int i = 0; i < sums.length; i++) {
				this.reported.accumulateAndGet(i, sums[i], Math::max);
			}
		}

	}

}
