package dev.wspolicy.relay;

import java.time.Duration;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;

/**
 * Watches over a session as long as it is open: that it is not idle or too old, and that
 * its peers are alive and read.
 */
final class SessionWatchdog {

	private static final Set<RelayTimer> ALARMS = EnumSet.of(RelayTimer.SLOW_CLIENT, RelayTimer.SLOW_UPSTREAM,
			RelayTimer.IDLE, RelayTimer.MAX_DURATION, RelayTimer.CLIENT_HEARTBEAT, RelayTimer.UPSTREAM_HEARTBEAT);

	private final RelayObserver observer;

	private final RelayOutput output;

	private final Timeouts timeouts;

	/** Null if a session may be idle for ever. */
	private final @Nullable IdleTracker idleTracker;

	private final @Nullable Heartbeat client;

	private final @Nullable Heartbeat upstream;

	/** When bytes came last, which is precise enough for what they lead to. */
	private long lastRead;

	/** When a data frame came last. */
	private long lastData;

	SessionWatchdog(RelayEnvironment environment, Leg client, FrameSequence inbound, Leg upstream,
			FrameSequence outbound) {
		this.observer = environment.observer;
		this.output = environment.output;
		this.timeouts = environment.timeouts;
		this.idleTracker = this.timeouts.idle().isZero() ? null
				: new IdleTracker(environment, inbound, client, outbound, upstream);
		Timeouts.Heartbeat heartbeat = this.timeouts.heartbeat();
		this.client = heartbeat.isOn() ? new Heartbeat(client, this.output, heartbeat) : null;
		this.upstream = heartbeat.isOn() ? new Heartbeat(upstream, this.output, heartbeat) : null;
		this.lastData = this.output.nanoTime();
	}

	void start() {
		long now = this.output.nanoTime();
		this.lastRead = now;
		this.lastData = now;
		schedule(RelayTimer.IDLE, this.timeouts.idle());
		schedule(RelayTimer.MAX_DURATION, this.timeouts.drawDuration());
		if (this.client != null && this.upstream != null) {
			this.client.start(now);
			this.upstream.start(now);
		}
	}

	/** The session has begun to end. */
	void stop() {
		ALARMS.forEach(this.output::cancel);
	}

	void onRead(Side side, long now) {
		this.lastRead = now;
		Heartbeat heartbeat = heartbeat(side);
		if (heartbeat != null) {
			heartbeat.onRead(now);
		}
	}

	void onData() {
		this.lastData = this.lastRead;
	}

	long lastData() {
		return this.lastData;
	}

	void onWritability(Side side, boolean writable) {
		if (this.idleTracker != null) {
			this.idleTracker.onWritability(side, writable);
		}
		if (writable) {
			this.output.cancel(RelaySide.of(side).slowTimer);
		}
		else {
			schedule(RelaySide.of(side).slowTimer, this.timeouts.slowConsumer());
		}
	}

	boolean hasHeartbeat(Side side) {
		return heartbeat(side) != null;
	}

	OptionalLong pingedAt(Side side) {
		Heartbeat heartbeat = heartbeat(side);
		return (heartbeat != null) ? heartbeat.pingedAt() : OptionalLong.empty();
	}

	boolean isHeartbeatAnswer(Side side, Payload pong) {
		Heartbeat heartbeat = heartbeat(side);
		return heartbeat != null && heartbeat.isAnswer(pong);
	}

	/**
	 * A timer has gone off.
	 * @return how the session ends because of that, or {@code null}
	 */
	@Nullable Ending onTimer(RelayTimer timer) {
		return switch (timer) {
			case SLOW_CLIENT -> Ending.slowConsumer(Side.CLIENT);
			case SLOW_UPSTREAM -> Ending.slowConsumer(Side.UPSTREAM);
			case IDLE -> check(this.idleTracker);
			case MAX_DURATION -> goingAway("session too old", Cause.MAX_DURATION);
			case CLIENT_HEARTBEAT -> check(Side.CLIENT, this.client);
			case UPSTREAM_HEARTBEAT -> check(Side.UPSTREAM, this.upstream);
			default -> throw new IllegalArgumentException("timer: " + timer);
		};
	}

	private @Nullable Ending check(@Nullable IdleTracker idleTracker) {
		if (idleTracker == null) {
			return null;
		}
		Duration left = this.timeouts.idle().minusNanos(idleTracker.nanos(this.output.nanoTime(), this.lastData));
		if (left.isNegative() || left.isZero()) {
			return goingAway("idle", Cause.IDLE_TIMEOUT);
		}
		schedule(RelayTimer.IDLE, left);
		return null;
	}

	private @Nullable Ending check(Side side, @Nullable Heartbeat heartbeat) {
		if (heartbeat == null || heartbeat.check(this.output.nanoTime())) {
			return null;
		}
		this.observer.onHeartbeatMissed(side);
		return goingAway("heartbeat missed", Cause.HEARTBEAT_MISSED);
	}

	private static Ending goingAway(String reason, Cause cause) {
		return Ending.forBoth(CloseStatus.GOING_AWAY.withReason(reason), cause);
	}

	private void schedule(RelayTimer timer, Duration delay) {
		if (!delay.isZero()) {
			this.output.schedule(timer, delay);
		}
	}

	private @Nullable Heartbeat heartbeat(Side side) {
		return (side == Side.CLIENT) ? this.client : this.upstream;
	}

}
