package dev.wspolicy.builtin.security;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.ScheduledTask;

/**
 * The task that waits for the token of a session to expire. Thread-safe: a renewal may
 * begin a new expiry while the task of the previous one runs.
 */
final class ExpiryTimers {

	private TokenExpiryPolicy.@Nullable Expiry current;

	private @Nullable ScheduledTask task;

	private boolean over;

	/** Begins an expiry in place of the previous one. */
	synchronized void begin(TokenExpiryPolicy.Expiry expiry) {
		cancel();
		this.current = expiry;
	}

	/** Keeps the task of an expiry, or cancels it if another one has begun since. */
	synchronized void await(TokenExpiryPolicy.Expiry expiry, ScheduledTask task) {
		if (this.over || !expiry.equals(this.current)) {
			task.cancel();
			return;
		}
		cancel();
		this.task = task;
	}

	/** Cancels the task, and those that are given later. */
	synchronized void end() {
		this.over = true;
		cancel();
	}

	private void cancel() {
		if (this.task != null) {
			this.task.cancel();
			this.task = null;
		}
	}

}
