package dev.wspolicy.netty;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.rollout.VerdictRecorder;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.HeartbeatStatus;
import dev.wspolicy.session.LimitOverrides;
import dev.wspolicy.session.ObservedCounts;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.session.VerdictCounts;

/**
 * A session on two channels, from its opening to its end.
 */
final class NettySession implements ProxiedSession, RelayObserver, VerdictRecorder {

	private final String id;

	private final UpgradeContext upgrade;

	private final ServingPipeline pipeline;

	private final LiveSessions registry;

	private final SessionCallbacks callbacks;

	/** Null if no upgrade policy follows the session. */
	private final @Nullable Admission admission;

	private final Instant openedAt = Instant.now();

	/** On the clock of the event loop; set before anybody else sees the session. */
	private long openedAtNanos;

	/** Created with the first task; guarded by this session. */
	private @Nullable SessionTasks tasks;

	/** Created with the first call of {@link #attributes()}. */
	private volatile @Nullable Map<String, Object> attributes;

	/** What policies would have done; written on the event loop only. */
	private volatile @Nullable ObservedTally observed;

	/** Set before anybody else sees the session. */
	private @Nullable RelayDriver driver;

	private volatile boolean open = true;

	/**
	 * Whether the listeners have been notified of the end; confined to the event loop.
	 */
	private boolean ended;

	private volatile @Nullable Principal principal;

	NettySession(String id, UpgradeContext upgrade, SessionPipeline pipeline, LiveSessions registry,
			List<SessionListener> listeners, @Nullable Admission admission) {
		this.id = id;
		this.upgrade = upgrade;
		this.principal = upgrade.principal();
		this.registry = registry;
		this.callbacks = new SessionCallbacks(this, listeners);
		this.pipeline = new ServingPipeline(this, this.callbacks, pipeline);
		this.admission = admission;
	}

	void open(RelayDriver driver) {
		this.driver = driver;
		driver.shareLoop(this.registry);
		this.openedAtNanos = driver.nanoTime();
		this.registry.add(this);
		this.callbacks.open(this.admission);
		served().policies().forEach(this.callbacks::open);
		this.callbacks.open();
	}

	/**
	 * Replaces the pipeline, unless the session is about to end. From any thread.
	 */
	void switchPipeline(SessionPipeline successor) {
		switchPipeline((current) -> successor);
	}

	/**
	 * Replaces the pipeline, unless the session is about to end. From any thread.
	 * @param successors called on the event loop with the pipeline that serves until
	 * then; returns its successor, or {@code null} to keep it
	 */
	void switchPipeline(Function<SessionPipeline, @Nullable SessionPipeline> successors) {
		driver().execute(() -> this.pipeline.replace(successors, driver()));
	}

	@Override
	public void onPipelineSwitched(Direction direction, SessionPipeline pipeline) {
		this.pipeline.switched(direction, pipeline, driver());
	}

	@Override
	public String id() {
		return this.id;
	}

	@Override
	public UpgradeContext upgrade() {
		return this.upgrade;
	}

	@Override
	public String pipeline() {
		return served().name();
	}

	/**
	 * Returns the pipeline that serves the session, or will after the current message.
	 */
	SessionPipeline served() {
		return this.pipeline.get();
	}

	@Override
	public @Nullable Principal principal() {
		return this.principal;
	}

	@Override
	public void principal(Principal principal) {
		this.principal = Objects.requireNonNull(principal, "principal");
		Admission admission = this.admission;
		driver().execute(() -> {
			if (admission != null) {
				this.callbacks.principalSet(admission);
			}
			if (this.open) {
				this.callbacks.changed();
			}
		});
	}

	@Override
	public Map<String, Object> attributes() {
		Map<String, Object> attributes = this.attributes;
		return (attributes != null) ? attributes : makeAttributes();
	}

	private synchronized Map<String, Object> makeAttributes() {
		Map<String, Object> attributes = this.attributes;
		if (attributes == null) {
			attributes = new ConcurrentHashMap<>(4);
			this.attributes = attributes;
		}
		return attributes;
	}

	@Override
	public Instant openedAt() {
		return this.openedAt;
	}

	@Override
	public Instant lastActivityAt() {
		// By the monotonic clock, so that it is never before the opening.
		return instant(driver().relay().status().lastData());
	}

	private Instant instant(long nanoTime) {
		return this.openedAt.plusNanos(Math.max(0, nanoTime - this.openedAtNanos));
	}

	@Override
	public TrafficCounts counts(Direction direction) {
		return driver().relay().status().counts(direction);
	}

	@Override
	public FrameCounts counts(Direction direction, FrameType type) {
		return driver().relay().status().counts(direction, type);
	}

	@Override
	public HeartbeatStatus heartbeat(Side side) {
		if (!driver().relay().status().hasHeartbeat(side)) {
			return HeartbeatStatus.OFF;
		}
		OptionalLong pingedAt = driver().relay().status().pingedAt(side);
		return pingedAt.isPresent() ? HeartbeatStatus.pinged(instant(pingedAt.getAsLong())) : HeartbeatStatus.IDLE;
	}

	@Override
	public List<VerdictCounts> verdicts(Direction direction) {
		return driver().relay().status().verdicts(direction);
	}

	@Override
	public List<ObservedCounts> observedVerdicts() {
		ObservedTally observed = this.observed;
		return (observed != null) ? observed.counts() : List.of();
	}

	@Override
	public void record(ObservedVerdict verdict, @Nullable Frame frame) {
		RelayDriver driver = driver();
		if (driver.isEntered()) {
			// Without the flush of a task, which there may be one of for each frame.
			recorded(verdict, frame);
		}
		else {
			driver.execute(() -> recorded(verdict, frame));
		}
	}

	private void recorded(ObservedVerdict verdict, @Nullable Frame frame) {
		if (this.ended) {
			return;
		}
		ObservedTally observed = this.observed;
		if (observed == null) {
			observed = new ObservedTally();
			this.observed = observed;
		}
		observed.count(verdict);
		this.callbacks.observed(verdict);
		driver().tapObserved(verdict, frame);
	}

	@Override
	public long buffered(Side side) {
		return driver().buffered(side);
	}

	@Override
	public boolean isOpen() {
		return this.open;
	}

	@Override
	public void send(Side side, Frame frame) {
		driver().inject(side, frame);
	}

	@Override
	public void limits(Direction direction, LimitOverrides limits) {
		driver().limits(direction, Objects.requireNonNull(limits, "limits"));
	}

	@Override
	public void close(CloseStatus toClient, CloseStatus toUpstream) {
		// Rejects a status that cannot be sent.
		Verdict.Close close = new Verdict.Close(toClient, toUpstream);
		driver().close(close.toClient(), close.toUpstream(), Cause.REQUESTED);
	}

	@Override
	public void close(CloseStatus toClient, CloseStatus toUpstream, String policy) {
		if (served().hasPolicy(policy)) {
			driver().close(Objects.requireNonNull(toClient, "toClient"),
					Objects.requireNonNull(toUpstream, "toUpstream"), policy);
		}
		else {
			close(toClient, toUpstream);
		}
	}

	@Override
	public LongSupplier clock() {
		return driver().clock();
	}

	@Override
	public ScheduledTask schedule(Duration delay, Runnable task) {
		if (delay.isNegative()) {
			throw new IllegalArgumentException("delay: " + delay + " (expected: 0 or more)");
		}
		return tasks().schedule(driver(), delay, () -> this.callbacks.run("a scheduled task", task));
	}

	/** Tells the client to open its next session on another connection, if it can. */
	void announceDrain() {
		driver().announceDrain();
	}

	/** Shuts down after a delay, if that is still wanted then. */
	void shutDownIn(long nanos, CloseStatus status, BooleanSupplier wanted) {
		// A task of the session, so that it does not keep an ended session in memory.
		tasks().schedule(driver(), Duration.ofNanos(nanos), () -> {
			if (wanted.getAsBoolean()) {
				shutDown(status);
			}
		});
	}

	private synchronized SessionTasks tasks() {
		if (this.tasks == null) {
			this.tasks = new SessionTasks();
		}
		return this.tasks;
	}

	@Override
	public void tap(FrameTap tap) {
		driver().tap(Objects.requireNonNull(tap, "tap"));
	}

	@Override
	public void untap(FrameTap tap) {
		driver().untap(tap);
	}

	/** Closes the session: the client gets the status, the upstream 1001. */
	void shutDown(CloseStatus status) {
		driver().close(status, CloseStatus.GOING_AWAY, Cause.SHUTDOWN);
	}

	/** Resets both connections, without a close frame. */
	void abort() {
		RelayDriver driver = driver();
		driver.execute(() -> {
			driver.abort(Side.CLIENT);
			driver.abort(Side.UPSTREAM);
		});
	}

	@Override
	public void onPolicyFailure(Direction direction, PolicyBinding binding, Throwable failure) {
		this.callbacks.policyFailed(direction, binding, failure);
	}

	@Override
	public void onHeartbeatMissed(Side side) {
		this.callbacks.heartbeatMissed(side);
	}

	@Override
	public void onEnding() {
		this.open = false;
	}

	@Override
	public void onTerminated(Termination termination) {
		this.open = false;
		this.callbacks.run("releasing the memory", () -> driver().dispose());
		this.callbacks.run("cancelling the tasks", () -> tasks().end());
		this.registry.remove(this);
		List<FramePolicy> policies = this.pipeline.end();
		policies.forEach((policy) -> this.callbacks.close(policy, termination));
		this.ended = true;
		this.callbacks.close(termination);
		this.callbacks.end(this.admission);
		// Completes a drain that waits for the last session.
		this.registry.onCallbacksDone();
	}

	private RelayDriver driver() {
		return Objects.requireNonNull(this.driver, "the session has not been opened");
	}

	@Override
	public String toString() {
		return "session " + this.id + " of route " + this.upgrade.routeId();
	}

}
