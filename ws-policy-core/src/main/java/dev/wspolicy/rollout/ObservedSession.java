package dev.wspolicy.rollout;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.HeartbeatStatus;
import dev.wspolicy.session.LimitOverrides;
import dev.wspolicy.session.ObservedCounts;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.session.VerdictCounts;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * The session as an observed policy sees it. The policy can read everything, keep
 * attributes and schedule tasks, but cannot affect the traffic: to close the session is
 * recorded only, and to send, to set limits or the principal has no effect.
 */
final class ObservedSession implements ProxiedSession {

	/** The most verdicts of one session that a policy may take its time for. */
	private static final int MAX_PENDING = 16;

	private final String policy;

	private final ProxiedSession session;

	/** Verdicts that are to come later; guarded by itself. */
	private final List<Verdict.Later> pending = new ArrayList<>(0);

	/** Guarded by the list of pending verdicts. */
	private boolean ended;

	ObservedSession(String policy, ProxiedSession session) {
		this.policy = policy;
		this.session = session;
	}

	/** Records what the policy would have done, to a frame or without one. */
	void record(@Nullable Direction direction, Kind kind, @Nullable CloseStatus status, @Nullable Frame frame) {
		if (this.session instanceof VerdictRecorder recorder) {
			recorder.record(new ObservedVerdict(this.policy, direction, kind, status), frame);
		}
	}

	/**
	 * Adds a verdict that is to come later.
	 * @return {@code false} if too many are pending, or the policy has left the session
	 */
	boolean await(Verdict.Later later) {
		synchronized (this.pending) {
			return !this.ended && this.pending.size() < MAX_PENDING && this.pending.add(later);
		}
	}

	/**
	 * A verdict has come.
	 * @return {@code false} if it counts no more
	 */
	boolean arrived(Verdict.Later later) {
		synchronized (this.pending) {
			return this.pending.remove(later);
		}
	}

	/** The policy sees no frame of the session any more. */
	void end() {
		List<Verdict.Later> cancelled;
		synchronized (this.pending) {
			this.ended = true;
			cancelled = List.copyOf(this.pending);
			this.pending.clear();
		}
		cancelled.forEach((later) -> later.cancellation().run());
	}

	@Override
	public void close(CloseStatus toClient, CloseStatus toUpstream) {
		// Rejects a status that cannot be sent.
		Verdict.Close close = new Verdict.Close(toClient, toUpstream);
		if (this.session.isOpen()) {
			record(null, Kind.CLOSE, close.toClient(), null);
		}
	}

	@Override
	public void send(Side side, Frame frame) {
		Objects.requireNonNull(frame, "frame");
	}

	@Override
	public void limits(Direction direction, LimitOverrides limits) {
		Objects.requireNonNull(limits, "limits");
	}

	@Override
	public void principal(Principal principal) {
		Objects.requireNonNull(principal, "principal");
	}

	@Override
	public String id() {
		return this.session.id();
	}

	@Override
	public UpgradeContext upgrade() {
		return this.session.upgrade();
	}

	@Override
	public String pipeline() {
		return this.session.pipeline();
	}

	@Override
	public @Nullable Principal principal() {
		return this.session.principal();
	}

	@Override
	public Map<String, Object> attributes() {
		return this.session.attributes();
	}

	@Override
	public Instant openedAt() {
		return this.session.openedAt();
	}

	@Override
	public Instant lastActivityAt() {
		return this.session.lastActivityAt();
	}

	@Override
	public TrafficCounts counts(Direction direction) {
		return this.session.counts(direction);
	}

	@Override
	public FrameCounts counts(Direction direction, FrameType type) {
		return this.session.counts(direction, type);
	}

	@Override
	public HeartbeatStatus heartbeat(Side side) {
		return this.session.heartbeat(side);
	}

	@Override
	public List<VerdictCounts> verdicts(Direction direction) {
		return this.session.verdicts(direction);
	}

	@Override
	public List<ObservedCounts> observedVerdicts() {
		return this.session.observedVerdicts();
	}

	@Override
	public long buffered(Side side) {
		return this.session.buffered(side);
	}

	@Override
	public boolean isOpen() {
		return this.session.isOpen();
	}

	@Override
	public LongSupplier clock() {
		return this.session.clock();
	}

	@Override
	public ScheduledTask schedule(Duration delay, Runnable task) {
		return this.session.schedule(delay, task);
	}

	@Override
	public void tap(FrameTap tap) {
		this.session.tap(tap);
	}

	@Override
	public void untap(FrameTap tap) {
		this.session.untap(tap);
	}

	@Override
	public String toString() {
		return this.session.toString();
	}

}
