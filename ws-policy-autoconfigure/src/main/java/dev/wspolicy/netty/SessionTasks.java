package dev.wspolicy.netty;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.session.ScheduledTask;

/**
 * The tasks of a session that wait for their time. None of them outlives the session.
 * Safe from any thread.
 */
final class SessionTasks {

	/** Those that have neither begun nor been cancelled; null as long as nobody asks. */
	private @Nullable Set<Task> waiting;

	private boolean over;

	ScheduledTask schedule(RelayDriver driver, Duration delay, Runnable action) {
		Task task = new Task(driver, action);
		// No session lives longer, and nanoseconds can tell it.
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

	/** The session is over. */
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

		/** Set before the task is among those that wait. */
		private @Nullable Future<?> future;

		Task(RelayDriver driver, Runnable action) {
			this.driver = driver;
			this.action = action;
		}

		@Override
		public void run() {
			if (take(this)) {
				this.driver.execute(this.action);
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
