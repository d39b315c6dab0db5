package dev.wspolicy.session;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Empties the gateway of its sessions, and lets new ones in again: before maintenance,
 * say, while the application runs on. {@link SessionRegistry#drain()} tells how far it
 * has come. Safe from any thread; nothing here waits.
 */
public interface Drain {

	/**
	 * Refuse new sessions from now on, tell those that live to go with 1001, and turn the
	 * application's readiness to refusing traffic. In the middle of a drain the sessions
	 * that are left are spread over the new window. Nothing happens while the application
	 * starts or shuts down.
	 * @param window over how long the sessions are told, each at a random moment;
	 * {@code null} for the one that is configured, zero for all at once
	 * @throws IllegalArgumentException if the window is negative, or longer than a
	 * hundred years
	 */
	void begin(@Nullable Duration window);

	/**
	 * Let sessions open again. Those that have not been told to go may stay, and the
	 * readiness turns back if the drain had turned it. Nothing happens where there is no
	 * drain, or when the application shuts down.
	 */
	void welcome();

}
