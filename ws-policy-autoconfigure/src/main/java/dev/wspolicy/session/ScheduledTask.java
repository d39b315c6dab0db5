package dev.wspolicy.session;

/**
 * A task that waits for its time. Safe from any thread.
 */
@FunctionalInterface
public interface ScheduledTask {

	/**
	 * Forget the task, if it has not begun yet.
	 */
	void cancel();

}
