package dev.wspolicy.observation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import dev.wspolicy.observation.VerdictTotals.Key;
import dev.wspolicy.observation.WsPolicyMeters.Tags;
import dev.wspolicy.redaction.LowerCase;

/**
 * Timers of policy calls. Event loops record into them, so that a timer is looked up by a
 * precomputed key instead of its tags.
 */
final class PolicyTimers {

	private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

	private final MeterRegistry meters;

	PolicyTimers(MeterRegistry meters) {
		this.meters = meters;
	}

	/** Register a timer before anything is recorded. */
	void register(Key key) {
		timer(key);
	}

	void record(Key key, long nanos) {
		timer(key).record(nanos, TimeUnit.NANOSECONDS);
	}

	private Timer timer(Key key) {
		Timer timer = this.timers.get(key);
		return (timer != null) ? timer : this.timers.computeIfAbsent(key, this::create);
	}

	private Timer create(Key key) {
		return Timer.builder(WsPolicyMeters.POLICY_TIME.meterName())
			.description(WsPolicyMeters.POLICY_TIME.description())
			.tags(Tags.ROUTE, key.route(), Tags.POLICY, key.policy(), Tags.DIRECTION, LowerCase.of(key.direction()))
			.register(this.meters);
	}

}
