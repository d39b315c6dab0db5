package dev.wspolicy.observation;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.http.Outcome;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.observation.SessionTotals.Total;
import dev.wspolicy.observation.VerdictTotals.Key;
import dev.wspolicy.observation.WsPolicyMeters.Tags;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.PolicyTimingListener;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * Records session metrics with Micrometer. Meters with a {@code route} tag are registered
 * with the first request on the route.
 */
public final class SessionMeters implements SessionListener, PolicyTimingListener {

	private static final String NONE = "none";

	private final MeterRegistry meters;

	private final Map<String, AtomicInteger> active = new ConcurrentHashMap<>();

	private final SessionTotals<String> traffic;

	private final SessionTotals<Key> verdicts;

	private final PolicyTimers policyTimes;

	private final MeterProvider<Counter> upgrades;

	private final MeterProvider<Counter> closed;

	private final MeterProvider<Counter> verdictsObserved;

	private final MeterProvider<Counter> upgradesObserved;

	private final MeterProvider<Timer> duration;

	/**
	 * Creates the meters and registers those that do not depend on a route.
	 * @param meters the registry to use
	 * @param sessions the sessions to meter
	 */
	public SessionMeters(MeterRegistry meters, SessionRegistry sessions) {
		this.meters = meters;
		this.traffic = TrafficTotals.of(sessions, meters.config().clock(), this::registerTraffic);
		this.verdicts = VerdictTotals.of(sessions, meters.config().clock(), this::registerVerdicts);
		this.policyTimes = new PolicyTimers(meters);
		this.upgrades = counter(WsPolicyMeters.UPGRADES);
		this.closed = counter(WsPolicyMeters.SESSIONS_CLOSED);
		this.verdictsObserved = counter(WsPolicyMeters.VERDICTS_OBSERVED);
		this.upgradesObserved = counter(WsPolicyMeters.UPGRADES_OBSERVED);
		this.duration = Timer.builder(WsPolicyMeters.SESSION_DURATION.meterName())
			.description(WsPolicyMeters.SESSION_DURATION.description())
			.withRegistry(meters);
		gauge(WsPolicyMeters.DRAIN_SESSIONS, sessions,
				(registry) -> registry.drain().map(DrainProgress::sessions).orElse(0));
		gauge(WsPolicyMeters.DRAIN_LEFT, sessions, (registry) -> registry.drain().map(DrainProgress::left).orElse(0));
		registerTurns(sessions);
		for (Side side : Side.values()) {
			Gauge
				.builder(WsPolicyMeters.BUFFERED.meterName(), sessions,
						(registry) -> registry.stream().mapToLong((session) -> session.buffered(side)).sum())
				.description(WsPolicyMeters.BUFFERED.description())
				.tag(Tags.SIDE, LowerCase.of(side))
				.strongReference(true)
				.register(meters);
		}
	}

	private void gauge(WsPolicyMeters meter, SessionRegistry sessions, ToDoubleFunction<SessionRegistry> value) {
		Gauge.builder(meter.meterName(), sessions, value)
			.description(meter.description())
			.strongReference(true)
			.register(this.meters);
	}

	private void registerTurns(SessionRegistry sessions) {
		// The registry is kept by the gauges above; a timer of a function keeps nothing.
		FunctionTimer
			.builder(WsPolicyMeters.LOOP_TURN.meterName(), sessions, (registry) -> registry.turns().count(),
					(registry) -> registry.turns().total().toNanos(), TimeUnit.NANOSECONDS)
			.description(WsPolicyMeters.LOOP_TURN.description())
			.register(this.meters);
		TimeGauge
			.builder(WsPolicyMeters.LOOP_TURN_MAX.meterName(), sessions, TimeUnit.NANOSECONDS,
					(registry) -> registry.turns().longest().toNanos())
			.description(WsPolicyMeters.LOOP_TURN_MAX.description())
			.strongReference(true)
			.register(this.meters);
	}

	private MeterProvider<Counter> counter(WsPolicyMeters meter) {
		return Counter.builder(meter.meterName()).description(meter.description()).withRegistry(this.meters);
	}

	private AtomicInteger active(String route) {
		AtomicInteger active = this.active.get(route);
		return (active != null) ? active : this.active.computeIfAbsent(route, (id) -> {
			AtomicInteger sessions = new AtomicInteger();
			Gauge.builder(WsPolicyMeters.SESSIONS_ACTIVE.meterName(), sessions, AtomicInteger::get)
				.description(WsPolicyMeters.SESSIONS_ACTIVE.description())
				.tag(Tags.ROUTE, id)
				.register(this.meters);
			return sessions;
		});
	}

	@Override
	public void onOpen(ProxiedSession session) {
		active(session.upgrade().routeId()).incrementAndGet();
		this.traffic.opened(session);
		this.verdicts.opened(session);
		upgraded(session.upgrade(), HttpStatus.SWITCHING_PROTOCOLS, null);
	}

	@Override
	public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status, @Nullable String policy) {
		active(upgrade.routeId());
		upgraded(upgrade, status, policy);
	}

	@Override
	public void onRefusalObserved(UpgradeContext upgrade, String policy, @Nullable HttpStatusCode status) {
		this.upgradesObserved
			.withTags(Tags.ROUTE, upgrade.routeId(), Tags.STATUS,
					(status != null) ? Integer.toString(status.value()) : NONE, Tags.POLICY, policy)
			.increment();
	}

	@Override
	public void onVerdictObserved(ProxiedSession session, ObservedVerdict verdict) {
		Direction direction = verdict.direction();
		this.verdictsObserved
			.withTags(Tags.ROUTE, session.upgrade().routeId(), Tags.POLICY, verdict.policy(), Tags.DIRECTION,
					(direction != null) ? LowerCase.of(direction) : NONE, Tags.VERDICT, LowerCase.of(verdict.kind()))
			.increment();
	}

	private void upgraded(UpgradeContext upgrade, HttpStatusCode status, @Nullable String policy) {
		this.upgrades
			.withTags(Tags.ROUTE, upgrade.routeId(), Tags.STATUS, Integer.toString(status.value()), Tags.OUTCOME,
					Outcome.forStatus(status.value()).name(), Tags.POLICY, orNone(policy))
			.increment();
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		this.traffic.closed(session);
		this.verdicts.closed(session);
		String route = session.upgrade().routeId();
		active(route).decrementAndGet();
		this.duration.withTag(Tags.ROUTE, route).record(Duration.between(session.openedAt(), Instant.now()));
		this.closed
			.withTags(Tags.ROUTE, route, Tags.CAUSE, LowerCase.of(termination.cause()), Tags.INITIATOR,
					LowerCase.of(termination.initiator()), Tags.CODE, CloseCodeTag.of(termination), Tags.POLICY,
					orNone(termination.policy()))
			.increment();
	}

	private static String orNone(@Nullable String policy) {
		return (policy != null) ? policy : NONE;
	}

	@Override
	public void onTimed(ProxiedSession session, Direction direction, String policy, long nanos) {
		this.policyTimes.record(new Key(session.upgrade().routeId(), policy, direction), nanos);
	}

	private void registerTraffic(Total<String> route) {
		for (Direction direction : Direction.values()) {
			register(WsPolicyMeters.MESSAGES, route, direction, null, TrafficTotals.messages(direction));
			for (FrameType type : FrameType.values()) {
				register(WsPolicyMeters.FRAMES, route, direction, type, TrafficTotals.frames(direction, type));
				register(WsPolicyMeters.BYTES, route, direction, type, TrafficTotals.bytes(direction, type));
			}
		}
	}

	private void registerVerdicts(Total<Key> total) {
		this.policyTimes.register(total.key());
		FunctionTimer
			.builder(WsPolicyMeters.POLICY_WAIT.meterName(), total,
					(totals) -> (long) totals.count(VerdictTotals.WAITS),
					(totals) -> totals.count(VerdictTotals.WAITED), TimeUnit.NANOSECONDS)
			.description(WsPolicyMeters.POLICY_WAIT.description())
			.tags(Tags.ROUTE, total.key().route(), Tags.POLICY, total.key().policy(), Tags.DIRECTION,
					LowerCase.of(total.key().direction()))
			.register(this.meters);
		for (Kind kind : Kind.values()) {
			FunctionCounter
				.builder(WsPolicyMeters.VERDICTS.meterName(), total, (totals) -> totals.count(kind.ordinal()))
				.description(WsPolicyMeters.VERDICTS.description())
				.tags(Tags.ROUTE, total.key().route(), Tags.POLICY, total.key().policy(), Tags.DIRECTION,
						LowerCase.of(total.key().direction()), Tags.VERDICT, LowerCase.of(kind))
				.register(this.meters);
		}
	}

	private void register(WsPolicyMeters meter, Total<String> route, Direction direction, @Nullable FrameType type,
			int index) {
		FunctionCounter.Builder<Total<String>> counter = FunctionCounter
			.builder(meter.meterName(), route, (totals) -> totals.count(index))
			.description(meter.description())
			.baseUnit((meter == WsPolicyMeters.BYTES) ? BaseUnits.BYTES : null)
			.tags(Tags.ROUTE, route.key(), Tags.DIRECTION, LowerCase.of(direction));
		if (type != null) {
			counter.tag(Tags.TYPE, LowerCase.of(type));
		}
		counter.register(this.meters);
	}

}
