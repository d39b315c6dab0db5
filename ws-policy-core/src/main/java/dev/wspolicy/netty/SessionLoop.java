package dev.wspolicy.netty;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.LongSupplier;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.relay.RelayTimer;

/**
 * Runs what is done for one session, on the event loop of the session. If any of it
 * fails, the session fails, so that no session is left half alive.
 */
abstract class SessionLoop {

	private static final Log logger = LogFactory.getLog(SessionLoop.class);

	/** The number of alarms that a session may set. */
	private static final int ALARMS = RelayTimer.values().length;

	private static final AtomicIntegerFieldUpdater<SessionLoop> WAITING_CALLS = AtomicIntegerFieldUpdater
		.newUpdater(SessionLoop.class, "waitingCalls");

	private final EventLoop loop;

	/** Measures the turns of the event loop; null if nobody wants to know. */
	private @Nullable TurnClock turnClock;

	/** Runs the tasks of all sessions of the event loop; null before the start. */
	private @Nullable SharedLoop sharedLoop;

	/** The time at which the current turn began. */
	private long turnStart;

	/** The alarms that are set, by ordinal; created with the first. */
	private @Nullable Alarm @Nullable [] alarms;

	/** Whether something is being done for this session further up on the stack. */
	private boolean busy;

	/** Whether the legs are checked and flushed when that has been done. */
	private boolean flushDue;

	/** The number of calls that wait for the event loop. */
	private volatile int waitingCalls;

	SessionLoop(EventLoop loop) {
		this.loop = loop;
	}

	/** Returns the id of the session. */
	abstract String sessionId();

	/**
	 * Ends the session because the gateway has failed. Called between {@link #enter} and
	 * {@link #leave}.
	 */
	abstract void fail(Throwable failure);

	/** Called before the outermost call returns. */
	abstract void beforeLeaving();

	/** Flushes what has been written to both legs. */
	abstract void flush();

	/**
	 * Proceeds with what waits for a leg that has begun or ceased to take more. Called
	 * before a flush that was {@linkplain #flushLater() put off}.
	 */
	abstract void checkLegs();

	/**
	 * Runs a task on the event loop: at once if this very session is being called,
	 * otherwise soon. The caller may be the policy of another session, whose stack must
	 * not grow with this one's. Safe from any thread.
	 */
	final void execute(Runnable task) {
		if (isEntered()) {
			run(task);
		}
		else {
			WAITING_CALLS.incrementAndGet(this);
			boolean waiting = false;
			try {
				waiting = offer(() -> {
					WAITING_CALLS.decrementAndGet(this);
					task.run();
				});
			}
			finally {
				if (!waiting) {
					WAITING_CALLS.decrementAndGet(this);
				}
			}
		}
	}

	/** Whether calls of {@link #execute} wait for the event loop. */
	final boolean areCallsWaiting() {
		return this.waitingCalls > 0;
	}

	/** Runs a task and flushes what it has written. Called on the event loop. */
	final void run(Runnable task) {
		boolean outermost = enter();
		long start = outermost ? startTurn() : 0;
		try {
			task.run();
			flush();
		}
		catch (Throwable ex) {
			fail(ex);
		}
		finally {
			leave(outermost);
			if (outermost) {
				countTurn(start);
			}
		}
	}

	/** Starts a turn that is not one of reading, and returns the time. */
	final long startTurn() {
		this.turnStart = now();
		return this.turnStart;
	}

	/** Counts such a turn, which ends now. */
	final void countTurn(long start) {
		if (this.turnClock != null) {
			this.turnClock.record(start, now());
		}
	}

	/** Returns for how long the current turn has lasted, in nanoseconds. */
	final long turnTime() {
		return now() - this.turnStart;
	}

	/** Has the turns of this session measured, and its tasks run with those of others. */
	final void shareLoop(LiveSessions sessions) {
		this.turnClock = sessions.turnClock(clock());
		this.sharedLoop = sessions.sharedLoop(this.loop);
	}

	/** Returns what measures the turns of the event loop; null before the start. */
	final @Nullable TurnClock turnClock() {
		return this.turnClock;
	}

	/** Starts a turn with the first bytes of a read loop. */
	final void startReading(Object reader, long nanoTime) {
		this.turnStart = (this.turnClock != null) ? this.turnClock.startReading(reader, nanoTime) : nanoTime;
	}

	/** Ends the turn that has begun with a read loop. */
	final void endReading(Object reader) {
		if (this.turnClock != null) {
			this.turnClock.endReading(reader, now());
		}
	}

	/**
	 * Runs a task while this session is being called. What it has written is flushed when
	 * that call ends, so a policy may cause many such tasks at the cost of one flush.
	 */
	final void runWithin(Runnable task) {
		flushLater();
		try {
			task.run();
		}
		catch (Throwable ex) {
			fail(ex);
		}
	}

	/** Checks and flushes the legs when the current call ends. */
	final void flushLater() {
		this.flushDue = true;
	}

	/** Runs a task on the event loop, but not at once. Safe from any thread. */
	final void enqueue(Runnable task) {
		offer(task);
	}

	/** Enqueues a task, and returns whether the event loop has taken it. */
	private boolean offer(Runnable task) {
		try {
			SharedLoop shared = this.sharedLoop;
			if (shared != null) {
				shared.execute(() -> run(task));
			}
			else {
				this.loop.execute(() -> run(task));
			}
			return true;
		}
		catch (RejectedExecutionException ex) {
			// The loop has ended, and both channels with it.
			logger.debug("Session " + sessionId() + ": its event loop has ended", ex);
			return false;
		}
	}

	/**
	 * Begins the next turn when the event loop has looked after all its channels. Called
	 * on the event loop.
	 */
	final void takeTurn(Runnable turn) {
		SharedLoop shared = this.sharedLoop;
		if (shared != null) {
			shared.takeTurn(turn);
		}
		else if (later(turn, 0) == null) {
			enqueue(turn);
		}
	}

	/**
	 * Returns the time on the clock of the event loop, by which its tasks are scheduled.
	 * Safe from any thread.
	 */
	final long now() {
		return this.loop.ticker().nanoTime();
	}

	/** Returns that clock. Safe from any thread. */
	final LongSupplier clock() {
		return this.loop.ticker()::nanoTime;
	}

	/**
	 * Schedules a task on the event loop. The task takes care of its failures itself.
	 * @param task the task
	 * @param nanos the delay in nanoseconds
	 * @return the scheduled task, or {@code null} if the event loop is about to end
	 */
	final @Nullable Future<?> later(Runnable task, long nanos) {
		return this.loop.isShuttingDown() ? null : this.loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
	}

	/**
	 * Runs a task whose time has come. If the event loop was blocked for a while, that
	 * may have been long ago: what peers have sent in time is read first, and the task
	 * runs behind those that wait by then, as a verdict that has come in time is among
	 * them. Called on the event loop.
	 */
	final void runDue(Runnable task) {
		takeTurn(() -> enqueue(task));
	}

	/**
	 * Schedules a task of this session, which runs {@linkplain #runDue when it is due}.
	 * Called on the event loop.
	 * @param task the task
	 * @param nanos the delay in nanoseconds
	 * @return the alarm, or {@code null} if the event loop is about to end
	 */
	final @Nullable Alarm alarm(Runnable task, long nanos) {
		Alarm alarm = new Alarm(task);
		alarm.future = later(alarm, nanos);
		return (alarm.future != null) ? alarm : null;
	}

	/**
	 * Sets an alarm of the relay. Called on the event loop.
	 * @param timer which alarm
	 * @param task what to run when it goes off
	 * @param delay the delay
	 */
	final void setAlarm(RelayTimer timer, Runnable task, Duration delay) {
		cancelAlarm(timer);
		if (this.alarms == null) {
			this.alarms = new Alarm[ALARMS];
		}
		this.alarms[timer.ordinal()] = alarm(task, delay.toNanos());
	}

	/** Cancels an alarm of the relay, if it is set. Called on the event loop. */
	final void cancelAlarm(RelayTimer timer) {
		@Nullable Alarm @Nullable [] alarms = this.alarms;
		Alarm alarm = (alarms != null) ? alarms[timer.ordinal()] : null;
		if (alarms != null && alarm != null) {
			alarms[timer.ordinal()] = null;
			alarm.cancel();
		}
	}

	/** Whether the caller is being called for this session. */
	final boolean isEntered() {
		return this.loop.inEventLoop() && this.busy;
	}

	/** Starts a call for this session; {@link #leave} follows. */
	final boolean enter() {
		boolean outermost = !this.busy;
		this.busy = true;
		return outermost;
	}

	final void leave(boolean outermost) {
		if (outermost) {
			while (this.flushDue) {
				// A flush may lead to others that are due, as may what waits for it.
				flushWhatIsDue();
			}
			// Last, as the flush may have failed
			beforeLeaving();
			this.busy = false;
		}
	}

	private void flushWhatIsDue() {
		this.flushDue = false;
		try {
			checkLegs();
			flush();
		}
		catch (Throwable ex) {
			fail(ex);
		}
	}

	/**
	 * A scheduled task, until it has run or has been cancelled.
	 */
	final class Alarm implements Runnable {

		/** Null when it has begun or been cancelled, even while it waits for its turn. */
		private @Nullable Runnable task;

		private @Nullable Future<?> future;

		Alarm(Runnable task) {
			this.task = task;
		}

		/** Called when the time has come. */
		@Override
		public void run() {
			if (this.task != null) {
				runDue(this::goOff);
			}
		}

		private void goOff() {
			Runnable task = this.task;
			if (task != null) {
				this.task = null;
				task.run();
			}
		}

		/** Called on the event loop. */
		void cancel() {
			this.task = null;
			if (this.future != null) {
				this.future.cancel(false);
			}
		}

	}

}
