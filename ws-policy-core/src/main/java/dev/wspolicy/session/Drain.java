package dev.wspolicy.session;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;

/**
 * Drains the gateway of its sessions while the application keeps running, for example
 * before maintenance. {@link SessionRegistry#drain()} returns the progress. Safe from any
 * thread; no method waits.
 */
public interface Drain {

	/**
	 * Begins to drain, with the configured status.
	 * @param window the time within which the sessions are closed, each at a random
	 * moment; {@code null} for the configured one, zero to close all at once
	 * @throws IllegalArgumentException if the window is negative, or longer than a
	 * hundred years
	 * @see #begin(Duration, CloseStatus)
	 */
	default void begin(@Nullable Duration window) {
		begin(window, null);
	}

	/**
	 * Refuses new sessions from now on, closes those that live, and sets the readiness of
	 * the application to refusing traffic. During a drain, spreads the sessions that are
	 * left over the new window and closes them with the new status. Does nothing while
	 * the application starts or shuts down.
	 * @param window the time within which the sessions are closed, each at a random
	 * moment; {@code null} for the configured one, zero to close all at once
	 * @param status the status for the clients; {@code null} for the configured one.
	 * Upstreams always get 1001, since to them a client goes away
	 * @throws IllegalArgumentException if the window is negative, or longer than a
	 * hundred years
	 */
	void begin(@Nullable Duration window, @Nullable CloseStatus status);

	/**
	 * Accepts new sessions again. Sessions that have not been closed yet stay, and the
	 * readiness is restored if the drain had changed it. Does nothing if there is no
	 * drain, or if the application shuts down.
	 */
	void cancel();

}
