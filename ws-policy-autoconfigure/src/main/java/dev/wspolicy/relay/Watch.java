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
 * Watches over a session as long as it is open: that it is not idle, not too old, and
 * that its peers live and read.
 */
final class Watch {

	private static final Set<RelayTimer> ALARMS = EnumSet.of(RelayTimer.SLOW_CLIENT, RelayTimer.SLOW_UPSTREAM,
			RelayTimer.IDLE, RelayTimer.MAX_DURATION, RelayTimer.CLIENT_HEARTBEAT, RelayTimer.UPSTREAM_HEARTBEAT);

	private final Relay relay;

	private final Outbox outbox;

	private final Timeouts timeouts;

	private final @Nullable Heartbeat client;

	private final @Nullable Heartbeat upstream;

	/** When bytes came last; good enough for all that happens because of them. */
	private long lastRead;

	/** When a data frame came last. */
	private long lastData;

	Watch(Relay relay, Timeouts timeouts, Outbox outbox, Leg client, Leg upstream) {
		this.relay = relay;
		this.outbox = outbox;
		this.timeouts = timeouts;
		Timeouts.Heartbeat heartbeat = timeouts.heartbeat();
		this.client = heartbeat.isOn() ? new Heartbeat(relay, client, outbox, heartbeat) : null;
		this.upstream = heartbeat.isOn() ? new Heartbeat(relay, upstream, outbox, heartbeat) : null;
		this.lastData = outbox.nanoTime();
	}

	void start() {
		long now = this.outbox.nanoTime();
		this.lastRead = now;
		this.lastData = now;
		schedule(RelayTimer.IDLE, this.timeouts.idle());
		schedule(RelayTimer.MAX_DURATION, this.timeouts.maxDuration());
		if (this.client != null && this.upstream != null) {
			this.client.start(now);
			this.upstream.start(now);
		}
	}

	/** The session has begun to end. */
	void stop() {
		ALARMS.forEach(this.outbox::cancel);
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
		if (writable) {
			this.outbox.cancel(RelayTimer.slow(side));
		}
		else {
			schedule(RelayTimer.slow(side), this.timeouts.slowConsumer());
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

	void onTimer(RelayTimer timer) {
		switch (timer) {
			case SLOW_CLIENT -> slow(Side.CLIENT);
			case SLOW_UPSTREAM -> slow(Side.UPSTREAM);
			case IDLE -> checkIdle();
			case MAX_DURATION -> goAway("session too old", Cause.MAX_DURATION);
			case CLIENT_HEARTBEAT -> check(Side.CLIENT, this.client);
			case UPSTREAM_HEARTBEAT -> check(Side.UPSTREAM, this.upstream);
			default -> throw new IllegalArgumentException("timer: " + timer);
		}
	}

	/** A peer does not take what is sent to it. */
	void slow(Side side) {
		CloseStatus status = CloseStatus.POLICY_VIOLATION.withReason("slow consumer");
		boolean client = side == Side.CLIENT;
		this.relay.close(client ? status : CloseStatus.GOING_AWAY, client ? CloseStatus.GOING_AWAY : status,
				Cause.SLOW_CONSUMER);
	}

	private void checkIdle() {
		Duration left = this.timeouts.idle().minusNanos(this.outbox.nanoTime() - this.lastData);
		if (left.isNegative() || left.isZero()) {
			goAway("idle", Cause.IDLE_TIMEOUT);
		}
		else {
			schedule(RelayTimer.IDLE, left);
		}
	}

	private void check(Side side, @Nullable Heartbeat heartbeat) {
		if (heartbeat != null && !heartbeat.check(this.outbox.nanoTime())) {
			this.relay.observer().onHeartbeatMissed(side);
			goAway("heartbeat missed", Cause.HEARTBEAT_MISSED);
		}
	}

	private void goAway(String reason, Cause cause) {
		CloseStatus status = CloseStatus.GOING_AWAY.withReason(reason);
		this.relay.close(status, status, cause);
	}

	private void schedule(RelayTimer timer, Duration delay) {
		if (!delay.isZero()) {
			this.outbox.schedule(timer, delay);
		}
	}

	private @Nullable Heartbeat heartbeat(Side side) {
		return (side == Side.CLIENT) ? this.client : this.upstream;
	}

}
