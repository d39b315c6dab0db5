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
 * Checks that one peer is alive. The peer is pinged after each interval of silence. Any
 * byte from it counts as a sign of life, and it is not blamed while the gateway does not
 * read. It is given up when the first unanswered ping is older than the timeout.
 */
final class Heartbeat {

	private final Leg leg;

	private final RelayOutput output;

	private final Timeouts.Heartbeat settings;

	private final RelayTimer timer;

	private final Uptake uptake;

	/** The payload of our pings and of nobody else's, which a pong repeats. */
	private final byte[] mark = new byte[8];

	private long lastRead;

	/** When the first ping left that has not been answered. */
	private long pingedAt;

	/** When the last one did, or would have. */
	private long lastPingAt;

	/**
	 * Whether something waited for the peer when that was last looked at, besides the
	 * ping that was about to leave.
	 */
	private boolean behind;

	private boolean pinged;

	/**
	 * No ping has left yet, for the peer takes nothing of a frame that is half written.
	 */
	private boolean unsent;

	Heartbeat(Leg leg, RelayOutput output, Timeouts.Heartbeat settings) {
		this.leg = leg;
		this.output = output;
		this.settings = settings;
		this.timer = leg.traits().heartbeatTimer;
		this.uptake = new Uptake(output, leg.side());
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

	/** When the first ping left that has not been answered. */
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
		if (!this.output.isReading(this.leg.side().sends())) {
			onRead(now);
		}
		if (this.pinged && isBeingGiven()) {
			// It cannot answer a ping that it has not come to yet.
			this.pingedAt = now;
		}
		if (this.unsent && !this.behind) {
			// The peer has taken all bytes. The ping waits behind an unfinished frame
			// whose sender is slow.
			this.pinged = false;
		}
		long interval = this.settings.interval().toNanos();
		long timeout = this.settings.timeout().toNanos();
		if (this.pinged && now - this.pingedAt >= timeout) {
			return false;
		}
		long silentSince = (this.pinged) ? this.lastPingAt : this.lastRead;
		if (now - silentSince >= interval) {
			ping(now);
			silentSince = now;
		}
		long wait = interval - (now - silentSince);
		checkIn(this.pinged ? Math.min(wait, timeout - (now - this.pingedAt)) : wait);
		return true;
	}

	/**
	 * A ping that could not leave now is none: nobody can answer it before it has. But a
	 * peer that takes nothing has to begin with that.
	 */
	private void ping(long now) {
		this.lastPingAt = now;
		boolean frameOpen = this.leg.isFrameOpen();
		if (frameOpen && this.output.unwritten(this.leg.side()) == 0) {
			// Whoever sends that frame is slow.
			return;
		}
		if (!this.pinged || (this.unsent && !frameOpen)) {
			this.pinged = true;
			this.pingedAt = now;
			this.unsent = frameOpen;
			look();
		}
		if (!frameOpen) {
			PingFrame ping = PingFrame.of(this.mark);
			this.leg.tapInserted(Origin.GATEWAY, null, ping);
			this.leg.insert(ping);
		}
	}

	/**
	 * Whether the peer takes bytes, and a ping has stood behind some of them since this
	 * was last looked at: the last of them may have been taken just now.
	 */
	private boolean isBeingGiven() {
		boolean wasBehind = this.behind;
		return look() && (wasBehind || this.behind);
	}

	private boolean look() {
		this.behind = this.output.unwritten(this.leg.side()) > 0;
		return this.uptake.look();
	}

	private void checkIn(long nanos) {
		this.output.schedule(this.timer, Duration.ofNanos(nanos));
	}

}
