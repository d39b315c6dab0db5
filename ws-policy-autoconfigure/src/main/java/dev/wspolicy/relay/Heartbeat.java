package dev.wspolicy.relay;

import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.session.TappedFrame.Origin;

/**
 * Sees to it that one peer lives. It is pinged only after silence, any byte of its counts
 * as life, and it is not blamed for what the gateway does not read.
 */
final class Heartbeat {

	private final Relay relay;

	private final Leg leg;

	private final Outbox outbox;

	private final Timeouts.Heartbeat settings;

	private final RelayTimer timer;

	/** What our pings carry, and nobody else's: a pong with it is the answer to one. */
	private final byte[] mark = new byte[8];

	private long lastRead;

	private long pingedAt;

	private boolean pinged;

	Heartbeat(Relay relay, Leg leg, Outbox outbox, Timeouts.Heartbeat settings) {
		this.relay = relay;
		this.leg = leg;
		this.outbox = outbox;
		this.settings = settings;
		this.timer = RelayTimer.heartbeat(leg.side());
		ThreadLocalRandom.current().nextBytes(this.mark);
	}

	void start(long now) {
		this.lastRead = now;
		checkIn(this.settings.interval().toNanos());
	}

	/** Bytes have come from the peer. */
	void onRead(long now) {
		this.lastRead = now;
		this.pinged = false;
	}

	/** When the ping left whose answer is awaited. */
	OptionalLong pingedAt() {
		return this.pinged ? OptionalLong.of(this.pingedAt) : OptionalLong.empty();
	}

	/**
	 * Whether a pong is the answer to a ping of ours, and not meant for the other peer.
	 */
	boolean isAnswer(Payload pong) {
		return pong.length() == this.mark.length && Arrays.equals(pong.bytes(), this.mark);
	}

	/**
	 * The alarm has gone off.
	 * @param now the time
	 * @return {@code false} if the peer has been silent for too long
	 */
	boolean check(long now) {
		if (!this.outbox.isReading(this.leg.side().sends())) {
			onRead(now);
		}
		long timeout = this.settings.timeout().toNanos();
		long interval = this.settings.interval().toNanos();
		if (this.pinged) {
			long waited = now - this.pingedAt;
			if (waited >= timeout) {
				return false;
			}
			checkIn(timeout - waited);
		}
		else if (this.leg.isFrameOpen()) {
			// A ping could not leave now, and nobody can answer it before it has.
			checkIn(interval);
		}
		else if (now - this.lastRead >= interval) {
			this.pingedAt = now;
			this.pinged = true;
			PingFrame ping = PingFrame.of(this.mark);
			this.relay.tellMade(this.leg, Origin.GATEWAY, null, ping);
			this.leg.inject(ping);
			checkIn(timeout);
		}
		else {
			checkIn(interval - (now - this.lastRead));
		}
		return true;
	}

	private void checkIn(long nanos) {
		this.outbox.schedule(this.timer, Duration.ofNanos(nanos));
	}

}
