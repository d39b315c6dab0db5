package dev.wspolicy.netty;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ObservedCounts;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.VerdictCounts;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * Counts what observed policies would have done to one session. Safe from any thread: it
 * is used only when a policy would have done something.
 */
final class ObservedTally {

	private final Map<String, ObservedCounts> counts = new LinkedHashMap<>();

	synchronized void count(ObservedVerdict verdict) {
		// Without a frame, the policy would have acted for what the client has done.
		Direction direction = Objects.requireNonNullElse(verdict.direction(), Direction.INBOUND);
		this.counts.merge(direction + " " + verdict.policy(), new ObservedCounts(one(verdict, direction), verdict),
				(counts, next) -> new ObservedCounts(counts.counts().plus(next.counts()), next.last()));
	}

	private static VerdictCounts one(ObservedVerdict verdict, Direction direction) {
		return new VerdictCounts(verdict.policy(), direction, 0, one(verdict, Kind.REPLACE), one(verdict, Kind.DROP),
				one(verdict, Kind.REPLY), one(verdict, Kind.CLOSE), one(verdict, Kind.FAILED), 0, Duration.ZERO);
	}

	private static int one(ObservedVerdict verdict, Kind kind) {
		return (verdict.kind() == kind) ? 1 : 0;
	}

	synchronized List<ObservedCounts> counts() {
		return List.copyOf(this.counts.values());
	}

}
