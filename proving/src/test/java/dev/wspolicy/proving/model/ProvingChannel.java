package dev.wspolicy.proving.model;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.netty.SteadyChannel;

/**
 * A channel without a socket, whose event loop knows which thread is its own, and rejects
 * a task when a step that is taken before it says so.
 */
final class ProvingChannel extends SteadyChannel {

	private final @Nullable Runnable beforeTask;

	private @Nullable EventLoop loop;

	ProvingChannel(Runnable beforeTask) {
		this.beforeTask = beforeTask;
	}

	/**
	 * Runs the tasks of the event loop that are due.
	 * @return whether there were any
	 */
	boolean runTasks() {
		if (!hasPendingTasks()) {
			return false;
		}
		super.runPendingTasks();
		return true;
	}

	@Override
	public void runPendingTasks() {
		// An event loop does not run tasks in the middle of a write.
	}

	@Override
	public EventLoop eventLoop() {
		if (this.beforeTask == null) {
			// The channel is being made.
			return super.eventLoop();
		}
		if (this.loop == null) {
			this.loop = guarded(super.eventLoop(), this.beforeTask, Thread.currentThread());
		}
		return this.loop;
	}

	/** Whether the session has a task to run, and not Netty itself. */
	private static boolean isOfTheSession() {
		return StackWalker.getInstance()
			.walk((frames) -> frames.map(StackWalker.StackFrame::getClassName)
				.filter((name) -> !name.startsWith(ProvingChannel.class.getName()) && !name.contains("$Proxy"))
				.findFirst()
				.orElse("")
				.matches("dev\\.wspolicy\\.netty\\.(SessionLoop|SharedLoop).*"));
	}

	private static EventLoop guarded(EventLoop loop, Runnable beforeTask, Thread thread) {
		return (EventLoop) Proxy.newProxyInstance(EventLoop.class.getClassLoader(), new Class<?>[] { EventLoop.class },
				(proxy, method, arguments) -> {
					if (method.getName().equals("inEventLoop")) {
						return Thread.currentThread() == thread;
					}
					if (method.getName().equals("execute") && isOfTheSession()) {
						beforeTask.run();
					}
					try {
						return method.invoke(loop, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

}
