package dev.wspolicy.proving.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.proving.model.Program.Action;
import dev.wspolicy.proving.model.Program.Step;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;

/**
 * What the semantics page promises, for peers that send whole frames and take all bytes
 * at once: what each of them gets, and why the session ends. Knows nothing of bytes and
 * buffers, and is meant to be read at one sitting, together with {@link ModelLane}.
 */
final class ReferenceModel {

	final Program program;

	final Map<Side, ModelLeg> legs = new EnumMap<>(Side.class);

	/** What comes from each side. */
	private final Map<Side, ModelLane> lanes = new EnumMap<>(Side.class);

	final Map<String, Integer> asked = new HashMap<>();

	/** The promises that nobody has kept yet, whether or not they are waited for. */
	final List<ModelLane.Promise> promises = new ArrayList<>();

	/** Those of them that can be kept in this step. */
	private final List<ModelLane.Promise> offered = new ArrayList<>();

	private final PriorityQueue<Timer> timers = new PriorityQueue<>(
			Comparator.comparingInt(Timer::due).thenComparingInt(Timer::number));

	/** What calls from elsewhere wait for: that the session is not busy. */
	final Deque<Runnable> calls = new ArrayDeque<>();

	/** How many of them are not verdicts. */
	int waitingCalls;

	/**
	 * The time in milliseconds. A step takes one, so that no two timers are due at once.
	 */
	private int now;

	private int timerCount;

	private int sent;

	private int sentElsewhere;

	/** Why the session began to end; null while it is open. */
	@Nullable Cause cause;

	/** Whether what follows depends on more than the semantics page says. */
	boolean uncertain;

	/**
	 * Whether a policy has set the other direction going, whose frames may then be
	 * written before or after those of its own.
	 */
	boolean crossed;

	/** The same, for the step that is being taken. */
	private boolean crossing;

	ReferenceModel(Program program) {
		this.program = program;
		for (Side side : Side.values()) {
			this.legs.put(side, new ModelLeg());
			this.lanes.put(side, new ModelLane(this, side));
		}
	}

	ModelLeg leg(Side side) {
		return this.legs.get(side);
	}

	@Nullable Cause cause() {
		return this.cause;
	}

	boolean isUncertain() {
		return this.uncertain;
	}

	boolean isCrossed() {
		return this.crossed;
	}

	int sentElsewhere() {
		return this.sentElsewhere;
	}

	void take(Step step) {
		Cause before = this.cause;
		this.crossing = false;
		happen(step);
		this.crossed |= this.crossing;
		this.uncertain |= this.crossing && this.cause != before;
	}

	private void happen(Step step) {
		pass(1);
		offerPromises();
		if (step instanceof Step.Data data) {
			arrives(data.from(), new ModelFrame("text", labelOf(data.from(), data.id()), data.fin()));
		}
		else if (step instanceof Step.Control control) {
			arrives(control.from(),
					new ModelFrame(control.ping() ? "ping" : "pong", labelOf(control.from(), control.id()), true));
		}
		else if (step instanceof Step.Close close) {
			arrives(close.from(), new ModelFrame("close", String.valueOf(close.code()), true));
		}
		else if (step instanceof Step.Violate violate) {
			arrives(violate.from(), new ModelFrame("violation", "", true));
		}
		else if (step instanceof Step.Lose lose) {
			this.legs.get(lose.from()).lost = true;
			arrives(lose.from(), new ModelFrame(lose.reset() ? "reset" : "end", "", true));
		}
		else if (step instanceof Step.Do call) {
			performSoon(call.action());
		}
		else if (step instanceof Step.Wait wait) {
			pass(1000 * wait.seconds());
		}
		settle();
	}

	private void pass(int millis) {
		int end = this.now + millis;
		while (!this.timers.isEmpty() && this.timers.peek().due() <= end) {
			Timer timer = this.timers.remove();
			this.now = timer.due();
			timer.task().run();
			settle();
		}
		this.now = end;
	}

	/** In which order both directions proceed within a step is nobody's business. */
	private void offerPromises() {
		this.offered.clear();
		for (ModelLane lane : this.lanes.values()) {
			this.promises.stream().filter((promise) -> promise.lane() == lane).forEach(this.offered::add);
		}
	}

	static String labelOf(Side from, int id) {
		return ((from == Side.CLIENT) ? "c" : "u") + id + ";";
	}

	private void arrives(Side from, ModelFrame frame) {
		this.lanes.get(from).arrived.add(frame);
	}

	private void settle() {
		// What one frame has led to comes first, then the calls, then the next frame.
		while (proceed(true) || call() || proceed(false)) {
			// Until nothing is left to do.
		}
	}

	private boolean proceed(boolean created) {
		return this.lanes.values().stream().anyMatch((lane) -> (!created || !lane.created.isEmpty()) && lane.proceed());
	}

	private boolean call() {
		Runnable call = this.calls.poll();
		if (call != null) {
			call.run();
		}
		return call != null;
	}

	void after(int seconds, Runnable task) {
		this.timers.add(new Timer(this.now + 1000 * seconds, this.timerCount++, task));
	}

	// Calls of the session

	/** Calls the session from elsewhere. */
	void performSoon(Action action) {
		if (action instanceof Action.Keep || action instanceof Action.Schedule
				|| action instanceof Action.SendElsewhere) {
			effectOf(action).run();
			return;
		}
		Runnable effect = effectOf(action);
		this.waitingCalls++;
		this.calls.add(() -> {
			this.waitingCalls--;
			effect.run();
		});
	}

	/** Returns what comes of a call, once the session gets to it. */
	Runnable effectOf(Action action) {
		if (action instanceof Action.Send send) {
			String label = "s" + this.sent++ + ";";
			return () -> this.legs.get(send.to()).insert(send.ping() ? "ping" : "text", label);
		}
		if (action instanceof Action.Close close) {
			return () -> {
				if (this.cause == null) {
					end(Cause.REQUESTED, close.toClient(), close.toUpstream());
				}
			};
		}
		if (action instanceof Action.Limit limit) {
			return () -> lane(limit.direction()).limit = (limit.bytes() > 0) ? limit.bytes() : Integer.MAX_VALUE;
		}
		if (action instanceof Action.Keep keep && !this.offered.isEmpty()) {
			// A verdict takes effect once the session is idle, even if a policy gives it.
			ModelLane.Promise promise = this.offered.remove(keep.which() % this.offered.size());
			this.promises.remove(promise);
			this.crossing |= this.lanes.values().stream().anyMatch((lane) -> lane.busy);
			this.calls.add(() -> promise.lane().kept(promise, keep.answer()));
		}
		else if (action instanceof Action.Switch change) {
			return () -> {
				if (this.cause == null) {
					this.lanes.values()
						.forEach((lane) -> lane.switchTo(change.pipeline() % this.program.pipelines().size()));
				}
			};
		}
		else if (action instanceof Action.Schedule schedule) {
			String label = "s" + this.sent++ + ";";
			after(schedule.seconds(), () -> this.legs.get(schedule.to()).insert("text", label));
		}
		else if (action instanceof Action.SendElsewhere) {
			this.sentElsewhere++;
		}
		return () -> {
		};
	}

	private ModelLane lane(Direction direction) {
		return this.lanes.get((direction == Direction.INBOUND) ? Side.CLIENT : Side.UPSTREAM);
	}

	// The end of the session

	void begin(Cause cause) {
		if (this.cause == null) {
			this.cause = cause;
			this.lanes.values().forEach((lane) -> lane.underWay = lane.open && lane.inMessage);
			after(5, this::closeTimeout);
		}
	}

	void end(Cause cause, int toClient, int toUpstream) {
		begin(cause);
		this.lanes.values().forEach(ModelLane::shut);
		this.legs.get(Side.CLIENT).close(toClient);
		this.legs.get(Side.UPSTREAM).close(toUpstream);
	}

	/**
	 * The sender has done wrong; the other side gets its own code back, if it has one.
	 */
	void blame(Side sender, Cause cause, int toSender, int toOther) {
		int other = this.legs.get(sender.peer()).ownCodeOr(toOther);
		end(cause, (sender == Side.CLIENT) ? toSender : other, (sender == Side.CLIENT) ? other : toSender);
	}

	void lose(Side side) {
		begin(Cause.CONNECTION_LOST);
		this.lanes.values().forEach(ModelLane::shut);
		this.legs.get(side).gone = true;
		ModelLeg other = this.legs.get(side.peer());
		other.close(other.ownCodeOr((side == Side.CLIENT) ? 1001 : 1011));
	}

	private void closeTimeout() {
		// The session waits for the rest of a message as long as some of it moves.
		this.uncertain |= this.lanes.values()
			.stream()
			.anyMatch((lane) -> lane.underWay && lane.open && !lane.target().gone);
		this.lanes.values().forEach(ModelLane::shut);
		for (ModelLeg leg : this.legs.values()) {
			leg.close(leg.ownCodeOr(1001));
			leg.gone = true;
		}
	}

	private record Timer(int due, int number, Runnable task) {

	}

}
