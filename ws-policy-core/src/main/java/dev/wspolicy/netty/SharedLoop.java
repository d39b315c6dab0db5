package dev.wspolicy.netty;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.channel.EventLoop;

/**
 * Runs the tasks of all sessions of an event loop, a few of them in each round of the
 * loop. A round looks after the channels that are ready, and then runs tasks. Netty goes
 * on with the latter for up to a second, as long as there are any, and a few sessions
 * whose verdicts come from other threads can keep it busy for that long.
 */
final class SharedLoop {

	/**
	 * The time in nanoseconds after which no further task of a kind begins in a round.
	 */
	static final long SLICE = TimeUnit.MILLISECONDS.toNanos(2);

	private final EventLoop loop;

	/** What is to be done soon. */
	private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

	/** Whether the loop has been told to run these. */
	private final AtomicBoolean tasksDue = new AtomicBoolean();

	/**
	 * The next turns of the directions that have used up theirs; confined to the loop.
	 */
	private final Deque<Runnable> turns = new ArrayDeque<>();

	private boolean turnsDue;

	// Created at the start, as there may be no memory for them later

	private final Runnable taskRound = this::runTasks;

	private final Runnable turnRound = this::runTurns;

	SharedLoop(EventLoop loop) {
		this.loop = loop;
	}

	/**
	 * Runs a task soon, behind all that were given before. Safe from any thread.
	 * @throws RejectedExecutionException if the loop has ended
	 */
	void execute(Runnable task) {
		this.tasks.add(task);
		if (this.tasksDue.compareAndSet(false, true)) {
			try {
				this.loop.execute(this.taskRound);
			}
			catch (Throwable ex) {
				this.tasks.remove(task);
				this.tasksDue.set(false);
				throw ex;
			}
		}
	}

	private void runTasks() {
		long begin = now();
		try {
			Runnable task = this.tasks.poll();
			while (task != null) {
				task.run();
				task = isOver(begin) ? null : this.tasks.poll();
			}
		}
		finally {
			if (!this.tasks.isEmpty()) {
				runTasksInNextRound();
			}
			else {
				this.tasksDue.set(false);
				// Another thread may have added one, and still have found them due.
				if (!this.tasks.isEmpty() && this.tasksDue.compareAndSet(false, true)) {
					runTasksInNextRound();
				}
			}
		}
	}

	private void runTasksInNextRound() {
		try {
			runInNextRound(this.taskRound);
		}
		catch (Throwable ex) {
			// The next task tries again, or none would run any more.
			this.tasksDue.set(false);
			throw ex;
		}
	}

	/**
	 * Begins a turn in the next round of the loop, or in a later one if others have
	 * waited for longer. Called on the event loop.
	 */
	void takeTurn(Runnable turn) {
		this.turns.add(turn);
		if (!this.turnsDue) {
			runInNextRound(this.turnRound);
			this.turnsDue = true;
		}
	}

	private void runTurns() {
		long begin = now();
		// A turn that ends early waits for the next round, so that all have one in this.
		int waiting = this.turns.size();
		try {
			while (waiting > 0) {
				waiting--;
				this.turns.remove().run();
				if (isOver(begin)) {
					break;
				}
			}
		}
		finally {
			this.turnsDue = false;
			if (!this.turns.isEmpty()) {
				runInNextRound(this.turnRound);
				this.turnsDue = true;
			}
		}
	}

	/** A task without a delay would run in this round. */
	private void runInNextRound(Runnable round) {
		if (!this.loop.isShuttingDown() && schedule(round)) {
			return;
		}
		this.loop.execute(round);
	}

	private boolean schedule(Runnable round) {
		try {
			this.loop.schedule(round, 0, TimeUnit.NANOSECONDS).addListener((scheduled) -> {
				// Netty cancels what is scheduled when the loop begins to end.
				if (scheduled.isCancelled()) {
					this.loop.execute(round);
				}
			});
			return true;
		}
		catch (Throwable ex) {
			// All sessions of the loop wait for this round, even if memory runs out.
			return false;
		}
	}

	private boolean isOver(long begin) {
		return now() - begin >= SLICE;
	}

	private long now() {
		return this.loop.ticker().nanoTime();
	}

}
