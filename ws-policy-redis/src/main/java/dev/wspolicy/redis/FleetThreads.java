package dev.wspolicy.redis;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * The threads of the fleet. Commands have one of their own, so that they do not wait for
 * the directory. Not a bean of a general type, which would replace those of the
 * application.
 */
final class FleetThreads implements AutoCloseable {

	private final ScheduledExecutorService directory = thread("ws-policy-directory");

	private final ScheduledExecutorService commands = thread("ws-policy-commands");

	private static ScheduledExecutorService thread(String name) {
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, name);
			thread.setDaemon(true);
			return thread;
		}, new ThreadPoolExecutor.DiscardPolicy());
		executor.setRemoveOnCancelPolicy(true);
		return executor;
	}

	ScheduledExecutorService directory() {
		return this.directory;
	}

	ScheduledExecutorService commands() {
		return this.commands;
	}

	@Override
	public void close() {
		this.directory.shutdownNow();
		this.commands.shutdownNow();
	}

}
