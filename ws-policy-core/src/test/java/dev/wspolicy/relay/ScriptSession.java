package dev.wspolicy.relay;

import java.net.InetSocketAddress;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.rollout.VerdictRecorder;
import dev.wspolicy.session.LimitOverrides;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.TestSession;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.UpgradeContext;

/**
 * The session of a script as policies see it; does what it is asked for at once.
 */
final class ScriptSession implements ProxiedSession, VerdictRecorder {

	private final Supplier<Relay> relay;

	private final Map<String, Object> attributes = new HashMap<>();

	/** What observed policies would have done. */
	final List<ObservedVerdict> observed = new ArrayList<>();

	private UpgradeContext upgrade = upgradeOf("somebody");

	private @Nullable RelayTap tap;

	ScriptSession(Supplier<Relay> relay) {
		this.relay = relay;
	}

	private static UpgradeContext upgradeOf(String principal) {
		return new TestSession("script", "script", principal, new InetSocketAddress("127.0.0.1", 1), Instant.EPOCH)
			.upgrade();
	}

	void client(String principal) {
		this.upgrade = upgradeOf(principal);
	}

	void tap(RelayTap tap) {
		this.tap = tap;
		this.relay.get().tap(tap);
	}

	@Override
	public void record(ObservedVerdict verdict, @Nullable Frame frame) {
		this.observed.add(verdict);
		if (this.tap != null && (frame == null || !this.relay.get().observed(verdict, frame))) {
			this.tap.onObserved(verdict);
		}
	}

	@Override
	public String id() {
		return "script";
	}

	@Override
	public UpgradeContext upgrade() {
		return this.upgrade;
	}

	@Override
	public String pipeline() {
		return "script";
	}

	@Override
	public Map<String, Object> attributes() {
		return this.attributes;
	}

	@Override
	public @Nullable Principal principal() {
		return null;
	}

	@Override
	public void principal(Principal principal) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ScheduledTask schedule(Duration delay, Runnable task) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Instant openedAt() {
		return Instant.EPOCH;
	}

	@Override
	public Instant lastActivityAt() {
		return openedAt();
	}

	@Override
	public TrafficCounts counts(Direction direction) {
		return this.relay.get().status().counts(direction);
	}

	@Override
	public boolean isOpen() {
		return this.relay.get().isOpen();
	}

	@Override
	public void send(Side side, Frame frame) {
		SendableFrames.check(frame);
		this.relay.get().send(side, frame);
	}

	@Override
	public void limits(Direction direction, LimitOverrides limits) {
		this.relay.get().limits(direction, limits);
	}

	@Override
	public void close(CloseStatus toClient, CloseStatus toUpstream) {
		this.relay.get().close(toClient, toUpstream, Cause.REQUESTED);
	}

}
