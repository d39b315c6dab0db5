package dev.wspolicy.session;

/**
 * A scheduled task. Safe from any thread.
 */
@FunctionalInterface
public interface ScheduledTask {

	/**
	 * Cancels the task. Does nothing if it has begun or the session has ended.
	 */
	void cancel();

}
