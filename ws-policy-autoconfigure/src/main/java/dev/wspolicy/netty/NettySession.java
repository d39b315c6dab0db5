package dev.wspolicy.netty;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.session.FrameCounts;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.HeartbeatStatus;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.SessionLimits;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.session.VerdictCounts;

/**
 * A session on two channels, from its opening to its end.
 */
final class NettySession implements ProxiedSession, RelayObserver {

	private static final Log logger = LogFactory.getLog(NettySession.class);

	private static final Termination REPLACED = new Termination(Initiator.GATEWAY, Cause.REPLACED, null, null, null,
			null);

	private final String id;

	private final UpgradeContext upgrade;

	/** Replaced on the event loop. */
	private volatile SessionPipeline pipeline;

	/** Null as long as the pipeline has not been replaced. */
	private @Nullable Succession succession;

	private final LiveSessions registry;

	private final List<SessionListener> listeners;

	private final Instant openedAt = Instant.now();

	private final long openedAtNanos = System.nanoTime();

	private final SessionTasks tasks = new SessionTasks();

	/** Made when first asked for. */
	private volatile @Nullable Map<String, Object> attributes;

	/** Set before the session is shown to anybody. */
	private @Nullable RelayDriver driver;

	private volatile boolean open = true;

	private volatile @Nullable Principal principal;

	/** The policies whose failure has been logged. */
	private @Nullable Set<String> failed;

	NettySession(String id, UpgradeContext upgrade, SessionPipeline pipeline, LiveSessions registry,
			List<SessionListener> listeners) {
		this.id = id;
		this.upgrade = upgrade;
		this.principal = upgrade.principal();
		this.pipeline = pipeline;
		this.registry = registry;
		this.listeners = listeners;
	}

	void open(RelayDriver driver) {
		this.driver = driver;
		this.registry.add(this);
		this.pipeline.policies().forEach(this::opened);
		for (SessionListener listener : this.listeners) {
			safely("onOpen of " + listener.getClass().getName(), () -> listener.onOpen(this));
		}
	}

	private void opened(FramePolicy policy) {
		safely("onOpen of " + policy.getClass().getName(), () -> policy.onOpen(this));
	}

	/**
	 * Have another pipeline serve, unless the session is about to end. From any thread.
	 */
	void succeed(SessionPipeline successor) {
		driver().execute(() -> {
			if (!this.open) {
				return;
			}
			Succession succession = this.succession;
			if (succession == null) {
				succession = new Succession(this.pipeline);
				this.succession = succession;
			}
			this.pipeline = successor;
			succession.begin(successor).forEach(this::opened);
			driver().succeed(successor);
			retire();
		});
	}

	@Override
	public void onSucceeded(Direction direction, SessionPipeline pipeline) {
		if (this.succession != null) {
			this.succession.serves(direction, pipeline);
			// Not at once: a policy may do what it likes with the session.
			driver().later(() -> driver().execute(this::retire), 0);
		}
	}

	/** Let go of policies that have nothing to do with the session any more. */
	private void retire() {
		if (this.succession != null) {
			this.succession.retire().forEach((policy) -> closed(policy, REPLACED));
		}
	}

	private void closed(FramePolicy policy, Termination termination) {
		safely("onClose of " + policy.getClass().getName(), () -> policy.onClose(this, termination));
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
		return this.pipeline.name();
	}

	@Override
	public @Nullable Principal principal() {
		return this.principal;
	}

	@Override
	public void principal(Principal principal) {
		this.principal = Objects.requireNonNull(principal, "principal");
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
		// By the clock that never goes back, so that it is never before the opening.
		return instant(driver().lastData());
	}

	private Instant instant(long nanoTime) {
		return this.openedAt.plusNanos(Math.max(0, nanoTime - this.openedAtNanos));
	}

	@Override
	public TrafficCounts counts(Direction direction) {
		return driver().counts(direction);
	}

	@Override
	public FrameCounts counts(Direction direction, FrameType type) {
		return driver().counts(direction, type);
	}

	@Override
	public HeartbeatStatus heartbeat(Side side) {
		if (!driver().hasHeartbeat(side)) {
			return HeartbeatStatus.OFF;
		}
		OptionalLong pingedAt = driver().pingedAt(side);
		return pingedAt.isPresent() ? HeartbeatStatus.pinged(instant(pingedAt.getAsLong())) : HeartbeatStatus.IDLE;
	}

	@Override
	public List<VerdictCounts> verdicts(Direction direction) {
		return driver().verdicts(direction);
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
	public void limits(Direction direction, SessionLimits limits) {
		driver().limits(direction, Objects.requireNonNull(limits, "limits"));
	}

	@Override
	public void close(CloseStatus toClient, CloseStatus toUpstream) {
		driver().close(Objects.requireNonNull(toClient, "toClient"), Objects.requireNonNull(toUpstream, "toUpstream"),
				Cause.REQUESTED);
	}

	@Override
	public ScheduledTask schedule(Duration delay, Runnable task) {
		if (delay.isNegative()) {
			throw new IllegalArgumentException("delay: " + delay + " (expected: 0 or more)");
		}
		return this.tasks.schedule(driver(), delay, () -> safely("a scheduled task", task));
	}

	/** Shut down after a while, if that is still wanted then. */
	void shutDownIn(long nanos, BooleanSupplier wanted) {
		// One of the session's own tasks, so that it does not keep a session that has
		// ended.
		this.tasks.schedule(driver(), Duration.ofNanos(nanos), () -> {
			if (wanted.getAsBoolean()) {
				shutDown();
			}
		});
	}

	@Override
	public void tap(FrameTap tap) {
		driver().tap(Objects.requireNonNull(tap, "tap"));
	}

	@Override
	public void untap(FrameTap tap) {
		driver().untap(tap);
	}

	void shutDown() {
		driver().close(CloseStatus.GOING_AWAY, CloseStatus.GOING_AWAY, Cause.SHUTDOWN);
	}

	/** Let both sockets go without a word. */
	void abort() {
		RelayDriver driver = driver();
		driver.execute(() -> {
			driver.abort(Side.CLIENT);
			driver.abort(Side.UPSTREAM);
		});
	}

	@Override
	public void onPolicyFailure(Direction direction, PolicyBinding binding, Throwable failure) {
		if (this.failed == null) {
			this.failed = new HashSet<>(2);
		}
		if (this.failed.add(binding.name())) {
			logger.warn(
					"Policy '" + binding.name() + "' failed on an " + direction + " frame of session " + this.id
							+ ", route '" + this.upgrade.routeId() + "' (on error: " + binding.onError() + ")",
					failure);
		}
	}

	@Override
	public void onHeartbeatMissed(Side side) {
		for (SessionListener listener : this.listeners) {
			safely("onHeartbeatMissed of " + listener.getClass().getName(),
					() -> listener.onHeartbeatMissed(this, side));
		}
	}

	@Override
	public void onEnding() {
		this.open = false;
	}

	@Override
	public void onTerminated(Termination termination) {
		this.open = false;
		driver().dispose();
		this.tasks.end();
		this.registry.remove(this);
		List<FramePolicy> policies = (this.succession != null) ? this.succession.opened() : this.pipeline.policies();
		this.succession = null;
		policies.forEach((policy) -> closed(policy, termination));
		for (SessionListener listener : this.listeners) {
			safely("onClose of " + listener.getClass().getName(), () -> listener.onClose(this, termination));
		}
		// A shutdown that waits for the last session goes on now.
		this.registry.told();
	}

	private void safely(String what, Runnable callback) {
		try {
			callback.run();
		}
		catch (Throwable ex) {
			// Whatever is thrown, the session and those who still wait must hear of it.
			logger.warn(what + " failed for session " + this.id, ex);
		}
	}

	private RelayDriver driver() {
		return Objects.requireNonNull(this.driver, "the session has not been opened");
	}

	@Override
	public String toString() {
		return "session " + this.id + " of route " + this.upgrade.routeId();
	}

}
