package dev.wspolicy.observation;

import java.time.Duration;
import java.time.Instant;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
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
import dev.wspolicy.session.PolicyTimer;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * Meters sessions with Micrometer. What is tagged by route appears with the route's first
 * request.
 */
public final class SessionMeters implements SessionListener, PolicyTimer {

	private final MeterRegistry meters;

	private final SessionTotals<String> traffic;

	private final SessionTotals<Key> verdicts;

	private final PolicyTimes policyTimes;

	private final MeterProvider<Counter> upgrades;

	private final MeterProvider<Counter> closed;

	private final MeterProvider<Timer> duration;

	/**
	 * The meters.
	 * @param meters where they are registered
	 * @param sessions the sessions
	 */
	public SessionMeters(MeterRegistry meters, SessionRegistry sessions) {
		this.meters = meters;
		this.traffic = TrafficTotals.of(sessions, meters.config().clock(), this::registerTraffic);
		this.verdicts = VerdictTotals.of(sessions, meters.config().clock(), this::registerVerdicts);
		this.policyTimes = new PolicyTimes(meters);
		this.upgrades = counter(WsPolicyMeters.UPGRADES);
		this.closed = counter(WsPolicyMeters.SESSIONS_CLOSED);
		this.duration = Timer.builder(WsPolicyMeters.SESSION_DURATION.meterName())
			.description(WsPolicyMeters.SESSION_DURATION.description())
			.withRegistry(meters);
		gauge(WsPolicyMeters.SESSIONS_ACTIVE, sessions, SessionRegistry::size);
		gauge(WsPolicyMeters.DRAIN_SESSIONS, sessions,
				(registry) -> registry.drain().map(DrainProgress::sessions).orElse(0));
		gauge(WsPolicyMeters.DRAIN_LEFT, sessions, (registry) -> registry.drain().map(DrainProgress::left).orElse(0));
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

	private MeterProvider<Counter> counter(WsPolicyMeters meter) {
		return Counter.builder(meter.meterName()).description(meter.description()).withRegistry(this.meters);
	}

	@Override
	public void onOpen(ProxiedSession session) {
		this.traffic.opened(session);
		this.verdicts.opened(session);
		upgraded(session.upgrade(), HttpStatus.SWITCHING_PROTOCOLS);
	}

	@Override
	public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status) {
		upgraded(upgrade, status);
	}

	private void upgraded(UpgradeContext upgrade, HttpStatusCode status) {
		this.upgrades
			.withTags(Tags.ROUTE, upgrade.routeId(), Tags.STATUS, Integer.toString(status.value()), Tags.OUTCOME,
					Outcome.forStatus(status.value()).name())
			.increment();
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		this.traffic.closed(session);
		this.verdicts.closed(session);
		String route = session.upgrade().routeId();
		this.duration.withTag(Tags.ROUTE, route).record(Duration.between(session.openedAt(), Instant.now()));
		this.closed
			.withTags(Tags.ROUTE, route, Tags.CAUSE, LowerCase.of(termination.cause()), Tags.INITIATOR,
					LowerCase.of(termination.initiator()), Tags.CODE, CodeClass.of(termination))
			.increment();
	}

	@Override
	public void onJudged(ProxiedSession session, Direction direction, String policy, long nanos) {
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
