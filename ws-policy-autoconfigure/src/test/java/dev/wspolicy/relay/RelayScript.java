package dev.wspolicy.relay;

import java.io.ByteArrayOutputStream;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.pipeline.Framing;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.SessionLimits;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A relay driven by hand: what the peers do is told step by step, and what the relay has
 * done about it is asserted, so that a test reads like a sequence diagram.
 *
 * <pre class="code">
 * script.receive(CLIENT, text("hi")).expect(forward(UPSTREAM, text("hi")));
 * </pre>
 *
 * Each step fails if an action of the one before it was not asserted, and so does the end
 * of the test. There is no I/O, no thread and no clock but the one that
 * {@link #advance(Duration)} moves. What is true of all sessions is checked at each step:
 * peers are only written what RFC 6455 allows, no bytes are held without need, alarms are
 * set once, payloads are not read after their memory is gone.
 */
final class RelayScript implements AfterEachCallback, Outbox, RelayObserver, Executor {

	private final Map<Direction, List<PolicyBinding>> bindings = new EnumMap<>(Direction.class);

	private final Map<Direction, Limits> limits = new EnumMap<>(Direction.class);

	private final Map<Side, ScriptLeg> legs = new EnumMap<>(Side.class);

	private final Map<Direction, Lane> lanes = new EnumMap<>(Direction.class);

	private final Map<RelayTimer, Duration> timers = new EnumMap<>(RelayTimer.class);

	private final Deque<Runnable> tasks = new ArrayDeque<>();

	private final List<RelayAction> actions = new ArrayList<>();

	private final List<ScriptPayload> payloads = new ArrayList<>();

	private final ProxiedSession session = new ScriptSession();

	private CloseStatus lostUpstream = CloseStatus.INTERNAL_ERROR;

	private CloseStatus lostClient = CloseStatus.GOING_AWAY;

	private Timeouts timeouts = Timeouts.DEFAULT;

	private Framing framing = Framing.DEFAULT;

	private final Set<Direction> notReading = EnumSet.noneOf(Direction.class);

	private final Map<Side, Long> unwritten = new EnumMap<>(Side.class);

	private boolean eager;

	private Duration now = Duration.ZERO;

	private int clockReads;

	private boolean ending;

	private @Nullable Termination termination;

	private @Nullable Relay relay;

	RelayScript() {
		for (Side side : Side.values()) {
			this.legs.put(side, new ScriptLeg(side));
			this.lanes.put(side.sends(), new Lane(side));
			this.bindings.put(side.sends(), new ArrayList<>());
			this.limits.put(side.sends(), Limits.NONE);
		}
	}

	// The session

	/** Let a policy see the messages that come from a side. */
	RelayScript policy(Side from, FramePolicy policy) {
		return bind(from, binding(from, policy));
	}

	/** Let a policy see the frames that come from a side. */
	RelayScript framePolicy(Side from, FramePolicy policy) {
		return bind(from, binding(from, policy).granularity(Granularity.FRAME));
	}

	RelayScript bind(Side from, PolicyBinding binding) {
		bindings(from).add(binding);
		return this;
	}

	/** Leave a policy out of the pipeline that {@link #succeed()} brings. */
	RelayScript unbind(Side from, String policy) {
		assertThat(bindings(from).removeIf((binding) -> binding.name().equals(policy))).isTrue();
		return this;
	}

	private PolicyBinding binding(Side from, FramePolicy policy) {
		return PolicyBinding.of("policy-" + (bindings(from).size() + 1), policy);
	}

	private List<PolicyBinding> bindings(Side from) {
		return Objects.requireNonNull(this.bindings.get(from.sends()));
	}

	RelayScript limits(Side from, Limits limits) {
		this.limits.put(from.sends(), limits);
		return this;
	}

	RelayScript lostStatuses(CloseStatus lostUpstream, CloseStatus lostClient) {
		this.lostUpstream = lostUpstream;
		this.lostClient = lostClient;
		return this;
	}

	RelayScript timeouts(Timeouts timeouts) {
		this.timeouts = timeouts;
		return this;
	}

	RelayScript framing(Framing framing) {
		this.framing = framing;
		return this;
	}

	/** Run tasks at once, as a loop does that is called on its own thread. */
	RelayScript eager() {
		this.eager = true;
		return this;
	}

	// Steps

	/** Whole frames come from a side. */
	RelayScript receive(Side from, ScriptFrame... frames) {
		return step(() -> {
			for (ScriptFrame frame : frames) {
				lane(from.sends()).read(() -> lane(from.sends()).header(frame));
				lane(from.sends()).read(() -> lane(from.sends()).payload());
			}
		});
	}

	/** The header of a frame comes from a side, without the payload. */
	RelayScript header(Side from, ScriptFrame frame) {
		return step(() -> lane(from.sends()).read(() -> lane(from.sends()).header(frame)));
	}

	/** The payload comes of the frame whose header has come. */
	RelayScript rest(Side from) {
		return step(() -> lane(from.sends()).read(() -> lane(from.sends()).payload()));
	}

	/** The socket of a side is gone. */
	RelayScript lose(Side side) {
		return step(() -> {
			leg(side).go();
			lane(side.sends()).read(() -> {
				lane(side.sends()).lost = true;
				leg(side).lose();
				relay().onLost(side);
			});
		});
	}

	/** Time passes; alarms go off. */
	RelayScript advance(Duration duration) {
		return step(() -> {
			Duration until = this.now.plus(duration);
			RelayTimer due = nextTimer(until);
			while (due != null) {
				this.now = Objects.requireNonNull(this.timers.remove(due));
				relay().onTimer(due);
				runTasks();
				due = nextTimer(until);
			}
			this.now = until;
		});
	}

	/** Time passes within a step, while a policy judges; no alarm goes off. */
	void spend(Duration duration) {
		this.now = this.now.plus(duration);
	}

	/** The frame that has begun does not go on. */
	RelayScript stall(Side from) {
		return step(() -> relay().onStalled(from.sends()));
	}

	/** The driver finds that what comes from a side is not what it must be. */
	RelayScript invalid(Side from, CloseStatus status) {
		return step(() -> relay().onInvalid(from.sends(), status, Cause.INVALID_PAYLOAD));
	}

	/** Policies and limits that were set since the session opened serve from now on. */
	RelayScript succeed() {
		return step(() -> relay().succeed(pipeline()));
	}

	/** A side ceases to take what is written to it, or takes it again. */
	RelayScript writable(Side side, boolean writable) {
		return step(() -> {
			if (writable) {
				this.notReading.remove(side.sends().opposite());
			}
			else {
				this.notReading.add(side.sends().opposite());
			}
			relay().onWritability(side, writable);
		});
	}

	/** So much waits to be written to a side. */
	RelayScript unwritten(Side side, long bytes) {
		this.unwritten.put(side, bytes);
		return this;
	}

	/** Somebody gives the gateway a frame to send. */
	RelayScript inject(Side to, Frame frame) {
		return step(() -> relay().send(to, frame));
	}

	/** Somebody closes the session. */
	RelayScript close(CloseStatus toClient, CloseStatus toUpstream) {
		return step(() -> relay().close(toClient, toUpstream, Cause.REQUESTED));
	}

	/** A verdict comes that a policy has promised. */
	RelayScript answer(CompletableFuture<Verdict> promise, @Nullable Verdict verdict) {
		return step(() -> promise.complete(verdict));
	}

	/** What a policy has promised fails. */
	RelayScript fail(CompletableFuture<Verdict> promise, Throwable failure) {
		return step(() -> promise.completeExceptionally(failure));
	}

	/** Tasks that other threads have handed in are run. */
	RelayScript turn() {
		return step(() -> {
		});
	}

	private RelayScript step(Runnable step) {
		expect();
		relay();
		step.run();
		runTasks();
		checkInvariants();
		return this;
	}

	private void runTasks() {
		Runnable task = this.tasks.poll();
		while (task != null) {
			task.run();
			task = this.tasks.poll();
		}
	}

	private @Nullable RelayTimer nextTimer(Duration until) {
		return this.timers.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().compareTo(until) <= 0)
			.min(Map.Entry.comparingByValue())
			.map(Map.Entry::getKey)
			.orElse(null);
	}

	// Expectations

	/**
	 * These actions, and no others, have been taken since the last expectation.
	 * @param expected the actions, in order
	 * @return this script
	 */
	RelayScript expect(RelayAction... expected) {
		List<RelayAction> taken = List.copyOf(this.actions);
		this.actions.clear();
		assertThat(taken).containsExactly(expected);
		return this;
	}

	RelayScript expectNothing() {
		return expect();
	}

	/**
	 * What has been done since the last expectation, for tests that look for themselves.
	 */
	List<RelayAction> takeActions() {
		List<RelayAction> taken = List.copyOf(this.actions);
		this.actions.clear();
		return taken;
	}

	boolean isSuspended(Side from) {
		return lane(from.sends()).suspended;
	}

	boolean isDrained(Side from) {
		return lane(from.sends()).drained;
	}

	boolean isLost(Side side) {
		return leg(side).isGone();
	}

	boolean isMidFrame(Side from) {
		return lane(from.sends()).midFrame;
	}

	boolean isEnding() {
		return this.ending;
	}

	@Nullable Termination termination() {
		return this.termination;
	}

	/** How often the relay has asked for the time. */
	int clockReads() {
		return this.clockReads;
	}

	TrafficCounts counts(Side from) {
		return relay().counts(from.sends());
	}

	Relay relay() {
		Relay relay = this.relay;
		if (relay == null) {
			relay = new Relay(pipeline(), context(Direction.INBOUND), context(Direction.OUTBOUND), this, this, this);
			this.relay = relay;
			relay.start();
		}
		return relay;
	}

	ProxiedSession session() {
		return this.session;
	}

	@Override
	public void afterEach(ExtensionContext context) {
		if (context.getExecutionException().isEmpty()) {
			expect();
			checkInvariants();
		}
	}

	private void checkInvariants() {
		this.lanes.values().forEach(Lane::check);
		assertThat(relay().isOpen()).as("open").isNotEqualTo(this.ending);
		if (this.termination != null) {
			assertThat(this.timers).as("alarms of a session that is over").isEmpty();
			assertThat(this.payloads).as("payloads of a session that is over").allMatch(ScriptPayload::isReleased);
		}
	}

	private SessionPipeline pipeline() {
		PipelineDefinition definition = new PipelineDefinition("script", true, List.of(), List.of(),
				Objects.requireNonNull(this.limits.get(Direction.INBOUND)),
				Objects.requireNonNull(this.limits.get(Direction.OUTBOUND)), this.timeouts, this.framing,
				"application/json", this.lostUpstream, this.lostClient);
		return SessionPipeline.of(definition, bindings(Side.CLIENT), bindings(Side.UPSTREAM));
	}

	private FrameContext context(Direction direction) {
		return new FrameContext() {

			@Override
			public Direction direction() {
				return direction;
			}

			@Override
			public ProxiedSession session() {
				return RelayScript.this.session;
			}

			@Override
			public String contentType() {
				return "application/json";
			}

		};
	}

	private ScriptLeg leg(Side side) {
		return Objects.requireNonNull(this.legs.get(side));
	}

	private Lane lane(Direction direction) {
		return Objects.requireNonNull(this.lanes.get(direction));
	}

	// Executor

	@Override
	public void execute(Runnable task) {
		if (this.eager) {
			task.run();
		}
		else {
			this.tasks.add(task);
		}
	}

	// Outbox

	private void act(Side side, RelayAction action) {
		if (leg(side).isThere()) {
			this.actions.add(action);
		}
	}

	@Override
	public void forwardHeld(Direction direction) {
		lane(direction).forwardHeld();
	}

	@Override
	public void dropHeld(Direction direction) {
		lane(direction).dropHeld();
	}

	@Override
	public void forwardControl(Direction direction) {
		lane(direction).forwardControl();
	}

	@Override
	public void send(Side side, Frame frame) {
		ScriptFrame written = ScriptFrame.of(frame);
		leg(side).write(written);
		act(side, new RelayAction.Send(side, written));
	}

	@Override
	public void suspend(Direction direction) {
		assertThat(lane(direction).suspended).as("suspended").isFalse();
		lane(direction).suspended = true;
		this.actions.add(new RelayAction.Suspend(direction));
	}

	@Override
	public void resume(Direction direction) {
		assertThat(lane(direction).suspended).as("suspended").isTrue();
		this.actions.add(new RelayAction.Resume(direction));
		lane(direction).resume();
	}

	@Override
	public void drain(Direction direction) {
		lane(direction).drained = true;
	}

	@Override
	public void finish(Side side) {
		leg(side).finish();
		act(side, new RelayAction.Finish(side));
	}

	@Override
	public void close(Side side) {
		act(side, new RelayAction.HangUp(side));
		leg(side).hangUp();
	}

	@Override
	public void abort(Side side) {
		act(side, new RelayAction.Abort(side));
		leg(side).abort();
	}

	@Override
	public boolean isReading(Direction direction) {
		return !lane(direction).suspended && !this.notReading.contains(direction);
	}

	@Override
	public long unwritten(Side side) {
		return Objects.requireNonNull(this.unwritten.getOrDefault(side, 0L));
	}

	@Override
	public void runSoon(Runnable task) {
		this.tasks.add(task);
	}

	@Override
	public long nanoTime() {
		this.clockReads++;
		return this.now.toNanos();
	}

	@Override
	public void schedule(RelayTimer timer, Duration delay) {
		assertThat(this.timers.put(timer, this.now.plus(delay))).as("alarm " + timer).isNull();
	}

	@Override
	public void cancel(RelayTimer timer) {
		this.timers.remove(timer);
	}

	// RelayObserver

	@Override
	public void onPolicyFailure(Direction direction, PolicyBinding binding, Throwable failure) {
		this.actions.add(new RelayAction.Failure(direction, binding.name(), failure.getClass()));
	}

	@Override
	public void onHeartbeatMissed(Side side) {
		this.actions.add(new RelayAction.HeartbeatMissed(side));
	}

	@Override
	public void onSucceeded(Direction direction, SessionPipeline pipeline) {
		this.actions.add(new RelayAction.Succeeded(direction));
	}

	@Override
	public void onEnding() {
		assertThat(this.ending).as("told that the session ends").isFalse();
		this.ending = true;
	}

	@Override
	public void onTerminated(Termination termination) {
		assertThat(this.ending).as("told that the session ends").isTrue();
		assertThat(this.termination).as("told before that the session is over").isNull();
		assertThat(this.lanes.values()).as("lost").allMatch((lane) -> lane.lost);
		this.termination = termination;
		this.actions.add(new RelayAction.Terminated(termination));
	}

	/**
	 * What a driver does with the bytes that come from one side.
	 */
	private final class Lane {

		private final Side from;

		/** What the peer has done while the direction was suspended. */
		private final Deque<Runnable> kept = new ArrayDeque<>();

		private final List<ScriptFrame> held = new ArrayList<>();

		private final List<ScriptPayload> memory = new ArrayList<>();

		private boolean suspended;

		private boolean drained;

		private boolean lost;

		private boolean reading;

		private boolean skipping;

		private boolean midFrame;

		private @Nullable Disposition disposition;

		private @Nullable ScriptFrame frame;

		/** The control frame that the relay is being told of. */
		private @Nullable ScriptFrame control;

		Lane(Side from) {
			this.from = from;
		}

		void read(Runnable event) {
			this.kept.add(event);
			readKept();
		}

		void resume() {
			this.suspended = false;
			readKept();
		}

		private void readKept() {
			if (this.reading) {
				return;
			}
			this.reading = true;
			try {
				Runnable event = this.suspended ? null : this.kept.poll();
				while (event != null) {
					event.run();
					event = this.suspended ? null : this.kept.poll();
				}
			}
			finally {
				this.reading = false;
			}
		}

		void header(ScriptFrame frame) {
			assertThat(this.midFrame).as("a frame is under way").isFalse();
			relay().onRead(this.from, RelayScript.this.now.toNanos());
			this.midFrame = true;
			this.frame = frame;
			if (this.skipping) {
				return;
			}
			Disposition disposition = relay().onHeader(this.from.sends(), frame.firstByte(), frame.masked(this.from),
					frame.claimed(), frame.minimal());
			this.disposition = disposition;
			this.skipping = disposition == Disposition.SKIP_ALL;
			if (disposition == Disposition.PASS) {
				target().begin(frame);
				act(this.from.peer(), new RelayAction.ForwardBegins(this.from.peer(), frame));
			}
		}

		void payload() {
			assertThat(this.midFrame).as("a frame is under way").isTrue();
			this.midFrame = false;
			ScriptFrame frame = Objects.requireNonNull(this.frame);
			Disposition disposition = this.disposition;
			this.disposition = null;
			if (disposition == Disposition.PASS) {
				pass(frame);
			}
			else if (disposition == Disposition.COLLECT) {
				collect(frame);
			}
			else if (disposition == Disposition.CONTROL) {
				this.control = frame;
				relay().onControl(this.from.sends(), payload(frame.bytes()));
				this.control = null;
			}
		}

		private void pass(ScriptFrame frame) {
			target().end();
			if (target().isThere()) {
				List<RelayAction> actions = RelayScript.this.actions;
				RelayAction begin = new RelayAction.ForwardBegins(this.from.peer(), frame);
				if (!actions.isEmpty() && actions.get(actions.size() - 1).equals(begin)) {
					actions.remove(actions.size() - 1);
				}
				actions.add(new RelayAction.Forward(this.from.peer(), frame));
			}
			relay().onPassed(this.from.sends());
		}

		private void collect(ScriptFrame frame) {
			this.held.add(frame);
			ByteArrayOutputStream all = new ByteArrayOutputStream();
			this.held.forEach((part) -> all.writeBytes(part.bytes()));
			ScriptPayload own = payload(frame.bytes());
			// As Netty's driver does: fragments without a byte leave no trace.
			ScriptPayload together = (all.size() == own.length()) ? own : new ScriptPayload(all.toByteArray());
			this.memory.add(own);
			this.memory.add(together);
			relay().onCollected(this.from.sends(), own, together);
		}

		private ScriptPayload payload(byte[] bytes) {
			ScriptPayload payload = new ScriptPayload(bytes);
			RelayScript.this.payloads.add(payload);
			return payload;
		}

		void forwardHeld() {
			assertThat(this.held).as("held").isNotEmpty();
			this.held.forEach((frame) -> {
				target().write(frame);
				act(this.from.peer(), new RelayAction.Forward(this.from.peer(), frame));
			});
			forgetHeld();
		}

		void dropHeld() {
			forgetHeld();
			if (this.disposition == Disposition.COLLECT) {
				this.disposition = Disposition.SKIP;
			}
		}

		private void forgetHeld() {
			this.held.clear();
			this.memory.forEach(ScriptPayload::free);
			this.memory.clear();
		}

		void forwardControl() {
			ScriptFrame frame = this.control;
			assertThat(frame).as("a control frame that the relay is being told of").isNotNull();
			this.control = null;
			target().write(Objects.requireNonNull(frame));
			act(this.from.peer(), new RelayAction.Forward(this.from.peer(), frame));
		}

		private ScriptLeg target() {
			return leg(this.from.peer());
		}

		void check() {
			boolean ended = RelayScript.this.termination != null;
			if (ended) {
				assertThat(this.suspended).as(this.from + " is suspended").isFalse();
			}
			if (ended || this.drained) {
				assertThat(this.held).as("held of " + this.from).isEmpty();
			}
			if (!this.suspended && !this.held.isEmpty()) {
				assertThat(this.held.get(this.held.size() - 1).fin()).as("whole message held").isFalse();
			}
		}

	}

	/**
	 * The session as policies see it; does what it is asked to at once.
	 */
	private final class ScriptSession implements ProxiedSession {

		private final Map<String, Object> attributes = new HashMap<>();

		@Override
		public String id() {
			return "script";
		}

		@Override
		public UpgradeContext upgrade() {
			throw new UnsupportedOperationException();
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
			return relay().counts(direction);
		}

		@Override
		public boolean isOpen() {
			return relay().isOpen();
		}

		@Override
		public void send(Side side, Frame frame) {
			Relay.checkSendable(frame);
			relay().send(side, frame);
		}

		@Override
		public void limits(Direction direction, SessionLimits limits) {
			relay().limits(direction, limits);
		}

		@Override
		public void close(CloseStatus toClient, CloseStatus toUpstream) {
			relay().close(toClient, toUpstream, Cause.REQUESTED);
		}

	}

}
