package dev.wspolicy.policies.security;

import java.util.List;

import dev.wspolicy.session.ScheduledTask;

/**
 * What a token expiry has scheduled in a session. Safe from any thread.
 */
final class ExpiryTimers {

	private List<ScheduledTask> tasks = List.of();

	private boolean over;

	/** Put tasks in the place of the earlier ones. */
	synchronized void replace(List<ScheduledTask> tasks) {
		this.tasks.forEach(ScheduledTask::cancel);
		this.tasks = List.copyOf(tasks);
		if (this.over) {
			end();
		}
	}

	/** From now on nothing is to run. */
	synchronized void end() {
		this.over = true;
		this.tasks.forEach(ScheduledTask::cancel);
		this.tasks = List.of();
	}

}
