package dev.wspolicy.netty;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A timer of an event loop that lets the loop read first. Netty runs what is due before
 * it reads sockets: after the loop was blocked, by a garbage collection for example, a
 * plain timer takes effect although the peer has sent in time what it waits for.
 */
public final class LoopTimer {

	private final EventExecutor loop;

	private volatile @Nullable Runnable task;

	private volatile @Nullable Future<?> future;

	private LoopTimer(EventExecutor loop, Runnable task) {
		this.loop = loop;
		this.task = task;
	}

	/**
	 * Starts a timer.
	 * @param loop the event loop
	 * @param delay the delay
	 * @param task called once, on the event loop, in the round after the one in which the
	 * delay is over
	 * @return the timer
	 */
	public static LoopTimer start(EventExecutor loop, Duration delay, Runnable task) {
		LoopTimer timer = new LoopTimer(loop, task);
		timer.future = loop.schedule(() -> runInNextRound(timer.loop, timer::goOff), delay.toNanos(),
				TimeUnit.NANOSECONDS);
		return timer;
	}

	/** What is scheduled runs in the next round of the loop, even without a delay. */
	static void runInNextRound(EventExecutor loop, Runnable task) {
		loop.schedule(task, 0, TimeUnit.NANOSECONDS);
	}

	private void goOff() {
		Runnable task = this.task;
		if (task != null) {
			this.task = null;
			task.run();
		}
	}

	/**
	 * Stops this timer if it has not gone off. From any thread; only a caller on the
	 * event loop can rely on the task not being called afterwards.
	 */
	public void cancel() {
		this.task = null;
		Future<?> future = this.future;
		if (future != null) {
			future.cancel(false);
		}
	}

}
