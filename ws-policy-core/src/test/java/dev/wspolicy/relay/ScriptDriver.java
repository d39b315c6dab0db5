package dev.wspolicy.relay;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The driver of a script: records the actions of the relay, and fails if one is not
 * allowed. There is no I/O, no thread and no clock but the one that {@link #advance}
 * moves.
 */
final class ScriptDriver implements RelayOutput {

	/** Where the clock starts, below zero as any clock may. */
	static final Duration START = Duration.ofHours(-7);

	private final Supplier<Relay> relay;

	private final Function<Direction, FrameContext> contexts;

	private final Map<Side, ScriptLeg> legs = new EnumMap<>(Side.class);

	private final Map<Direction, ScriptLane> lanes = new EnumMap<>(Direction.class);

	private final Map<RelayTimer, Duration> timers = new EnumMap<>(RelayTimer.class);

	private final Deque<Runnable> tasks = new ArrayDeque<>();

	private final List<RelayAction> actions = new ArrayList<>();

	private final List<ScriptPayload> payloads = new ArrayList<>();

	private final Set<Direction> notReading = EnumSet.noneOf(Direction.class);

	private final Map<Side, Long> unwritten = new EnumMap<>(Side.class);

	private final Map<Side, Long> taken = new EnumMap<>(Side.class);

	private Duration now = START;

	private int clockReads;

	/** Whose socket takes all that waits for it as soon as it is flushed. */
	private final Set<Side> takingAllWhenFlushed = EnumSet.noneOf(Side.class);

	/** Whether calls wait that other threads have made. */
	boolean waitingCalls;

	ScriptDriver(Supplier<Relay> relay, Function<Direction, FrameContext> contexts) {
		this.relay = relay;
		this.contexts = contexts;
		for (Side side : Side.values()) {
			this.legs.put(side, new ScriptLeg(side));
			this.lanes.put(side.sends(), new ScriptLane(this, side));
		}
	}

	Relay relay() {
		return this.relay.get();
	}

	@Override
	public FrameContext context(Direction direction) {
		return this.contexts.apply(direction);
	}

	ScriptLeg leg(Side side) {
		return Objects.requireNonNull(this.legs.get(side));
	}

	ScriptLane lane(Direction direction) {
		return Objects.requireNonNull(this.lanes.get(direction));
	}

	/** What the relay has done that nobody has asserted. */
	List<RelayAction> actions() {
		return this.actions;
	}

	/** All payloads that the relay has been given. */
	List<ScriptPayload> payloads() {
		return this.payloads;
	}

	/** The time, without counting that somebody has asked for it. */
	long nanos() {
		return this.now.toNanos();
	}

	/** How often the relay has asked for the time. */
	int clockReads() {
		return this.clockReads;
	}

	/** How many tasks wait to be run. */
	int tasks() {
		return this.tasks.size();
	}

	void runTasks() {
		Runnable task = this.tasks.poll();
		while (task != null) {
			task.run();
			task = this.tasks.poll();
		}
	}

	/** Time passes, and alarms go off in the order of their times. */
	void advance(Duration duration) {
		Duration until = this.now.plus(duration);
		RelayTimer due = nextTimer(until);
		while (due != null) {
			this.now = Objects.requireNonNull(this.timers.remove(due));
			relay().onTimer(due);
			runTasks();
			due = nextTimer(until);
		}
		this.now = until;
	}

	private @Nullable RelayTimer nextTimer(Duration until) {
		return this.timers.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().compareTo(until) <= 0)
			.min(Map.Entry.comparingByValue())
			.map(Map.Entry::getKey)
			.orElse(null);
	}

	/** Time passes without any alarm. */
	void spend(Duration duration) {
		this.now = this.now.plus(duration);
	}

	void unwritten(Side side, long bytes) {
		this.unwritten.put(side, bytes);
	}

	void takesAllWhenFlushed(Side side) {
		this.takingAllWhenFlushed.add(side);
	}

	/** The alarms that have been set. */
	Set<RelayTimer> alarms() {
		return this.timers.keySet();
	}

	void addTaken(Side side, long bytes) {
		this.taken.merge(side, bytes, Long::sum);
	}

	void writable(Side side, boolean writable) {
		if (writable) {
			this.notReading.remove(side.sends().opposite());
		}
		else {
			this.notReading.add(side.sends().opposite());
		}
	}

	/** Checks what is true of all sessions between two steps. */
	void check(boolean ended) {
		this.lanes.values().forEach((lane) -> lane.check(ended));
		if (ended) {
			assertThat(this.timers).as("alarms of a session that is over").isEmpty();
			assertThat(this.payloads).as("payloads of a session that is over").allMatch(ScriptPayload::isReleased);
		}
	}

	// RelayOutput

	/** Records an action, if there still is somebody to notice it. */
	void act(Side side, RelayAction action) {
		if (leg(side).isThere()) {
			this.actions.add(action);
		}
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
	public void discardRest(Direction direction) {
		lane(direction).discardRest();
	}

	@Override
	public void confirmClose(Side side) {
		if (leg(side).confirmClose()) {
			relay().onCloseWritten(side);
		}
	}

	@Override
	public void finish(Side side) {
		leg(side).finish();
		act(side, new RelayAction.Finish(side));
	}

	@Override
	public void end(Side side) {
		leg(side).endStream();
		act(side, new RelayAction.End(side));
	}

	@Override
	public void close(Side side) {
		act(side, new RelayAction.CloseSocket(side));
		leg(side).closeSocket();
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
	public void flush(Side side) {
		if (this.takingAllWhenFlushed.contains(side)) {
			this.unwritten.remove(side);
		}
	}

	@Override
	public long unwritten(Side side) {
		return Objects.requireNonNull(this.unwritten.getOrDefault(side, 0L));
	}

	@Override
	public long taken(Side side) {
		return Objects.requireNonNull(this.taken.getOrDefault(side, 0L));
	}

	@Override
	public void signalVerdict(Direction direction, long number) {
		this.tasks.add(() -> relay().onVerdict(direction, number));
	}

	@Override
	public boolean hasWaitingCalls() {
		return this.waitingCalls;
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

}
