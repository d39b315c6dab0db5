package dev.wspolicy.builtin.security;

import java.util.List;

import dev.wspolicy.session.ScheduledTask;

/**
 * The tasks that a token expiry has scheduled in a session. Thread-safe.
 */
final class ExpiryTimers {

	private List<ScheduledTask> tasks = List.of();

	private boolean over;

	/** Replaces and cancels the previous tasks. */
	synchronized void replace(List<ScheduledTask> tasks) {
		this.tasks.forEach(ScheduledTask::cancel);
		this.tasks = List.copyOf(tasks);
		if (this.over) {
			end();
		}
	}

	/** Cancels all tasks, including those that are added later. */
	synchronized void end() {
		this.over = true;
		this.tasks.forEach(ScheduledTask::cancel);
		this.tasks = List.of();
	}

}
