package dev.wspolicy.policy;

import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * Runs at most once, whoever asks and however often, and then lets go of what it ran.
 */
final class Once implements Runnable {

	private final AtomicReference<@Nullable Runnable> action;

	Once(Runnable action) {
		this.action = new AtomicReference<>(action);
	}

	@Override
	public void run() {
		Runnable run = this.action.getAndSet(null);
		if (run != null) {
			run.run();
		}
	}

}
