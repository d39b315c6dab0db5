package dev.wspolicy.test;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;

/**
 * An event loop on the thread of the test, whose clock only moves when it is told to. It
 * has no thread and no sockets, so it need not be shut down.
 */
final class VirtualEventLoop extends ManualIoEventLoop {

	/** The engine reads zero as "not timed". */
	private static final long START = 1;

	private final Thread owner = Thread.currentThread();

	private final MockTicker ticker;

	private VirtualEventLoop(MockTicker ticker) {
		super(null, Thread.currentThread(), LocalIoHandler.newFactory(), ticker);
		this.ticker = ticker;
	}

	/** Creates an event loop that belongs to the current thread. */
	static VirtualEventLoop create() {
		MockTicker ticker = Ticker.newMockTicker();
		ticker.advance(START, TimeUnit.NANOSECONDS);
		return new VirtualEventLoop(ticker);
	}

	/** Returns the time that has passed on the virtual clock. */
	Duration elapsed() {
		return Duration.ofNanos(this.ticker.nanoTime() - START);
	}

	/** Runs all tasks that are due, and those that they lead to. */
	void runTasks() {
		int run;
		do {
			run = runNow();
		}
		while (run > 0);
	}

	/** Moves the clock, and runs each task at its time. */
	void advance(Duration duration) {
		long left = duration.toNanos();
		runTasks();
		long next = nextScheduledTaskNano();
		while (next >= 0 && next <= left) {
			this.ticker.advance(next, TimeUnit.NANOSECONDS);
			left -= next;
			runTasks();
			next = nextScheduledTaskNano();
		}
		this.ticker.advance(left, TimeUnit.NANOSECONDS);
	}

	/** Has {@link #runUntil} look at its condition again. Safe from any thread. */
	void signal() {
		LockSupport.unpark(this.owner);
	}

	/**
	 * Runs tasks that other threads submit until a condition holds, for a limited time on
	 * the real clock. The virtual clock stands still.
	 * @return whether the condition holds
	 */
	boolean runUntil(BooleanSupplier condition, Duration patience) {
		long deadline = System.nanoTime() + patience.toNanos();
		runTasks();
		while (!condition.getAsBoolean()) {
			long left = deadline - System.nanoTime();
			if (left <= 0) {
				return false;
			}
			// A task from another thread, or a signal, unparks this one.
			LockSupport.parkNanos(this, left);
			runTasks();
		}
		return true;
	}

}
