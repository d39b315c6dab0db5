package dev.wspolicy.netty;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.session.ScheduledTask;

/**
 * The scheduled tasks of a session, none of which outlives it. Safe from any thread.
 */
final class SessionTasks {

	/** The tasks that have neither begun nor been cancelled; created with the first. */
	private @Nullable Set<Task> waiting;

	private boolean over;

	ScheduledTask schedule(RelayDriver driver, Duration delay, Runnable action) {
		Task task = new Task(driver, action);
		// Longer delays might exceed what fits into nanoseconds.
		Duration wait = (delay.compareTo(Timeouts.LONGEST) < 0) ? delay : Timeouts.LONGEST;
		synchronized (this) {
			if (!this.over) {
				task.future = driver.later(task, wait.toNanos());
				if (this.waiting == null) {
					this.waiting = new HashSet<>(4);
				}
				this.waiting.add(task);
			}
		}
		return task;
	}

	/** Cancels all tasks: the session has ended. */
	void end() {
		Set<Task> forgotten;
		synchronized (this) {
			this.over = true;
			forgotten = (this.waiting != null) ? this.waiting : Set.of();
			this.waiting = null;
		}
		forgotten.forEach(Task::unschedule);
	}

	private synchronized boolean take(Task task) {
		return this.waiting != null && this.waiting.remove(task);
	}

	/**
	 * A task, compared by identity.
	 */
	private final class Task implements Runnable, ScheduledTask {

		private final RelayDriver driver;

		private final Runnable action;

		/** Set before the task is added to those that wait. */
		private @Nullable Future<?> future;

		Task(RelayDriver driver, Runnable action) {
			this.driver = driver;
			this.action = action;
		}

		/**
		 * Called when the time has come. What peers have sent before is processed first,
		 * and so is what a policy has called: either may cancel the task.
		 */
		@Override
		public void run() {
			this.driver.runDue(this::begin);
		}

		private void begin() {
			if (take(this)) {
				this.action.run();
			}
		}

		@Override
		public void cancel() {
			if (take(this)) {
				unschedule();
			}
		}

		private void unschedule() {
			if (this.future != null) {
				this.future.cancel(false);
			}
		}

	}

}
