package dev.wspolicy.builtin.support;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.function.Supplier;

import org.slf4j.MDC;
import org.springframework.util.CustomizableThreadCreator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.effort.Effort;
import dev.wspolicy.effort.EffortExceededException;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.policy.Verdict;

/**
 * Keeps expensive evaluations off the event loop, which serves other sessions too. Short
 * messages are evaluated on the calling thread. Long messages, and those whose evaluation
 * exceeds its time budget, are evaluated on a worker thread while their direction waits.
 * So are short messages while the event loop has recently spent too much time on slow
 * ones.
 * <p>
 * The worker threads belong to the built-in policies alone, so that their work, which is
 * CPU-bound, neither delays nor is delayed by what the application runs on Reactor's
 * shared schedulers.
 */
public final class EventLoopGuard {

	/**
	 * The system property with the number of worker threads. The default is the number of
	 * processors: more would take processor time from the event loops. With at least two,
	 * a message that is evaluated for seconds does not hold up all others.
	 */
	static final String THREADS_PROPERTY = "dev.wspolicy.evaluation-threads";

	/** Reading this many bytes takes less time than switching threads. */
	private static final int SHORT = 32 * 1024;

	/** Time budget of an evaluation on the event loop. */
	private static final Duration ON_LOOP = Duration.ofMillis(3);

	/** Time budget of an evaluation on a worker thread. */
	private static final Duration OFF_LOOP = Duration.ofSeconds(5);

	/** Each direction of a session has at most one evaluation in the queue. */
	private static final Scheduler WORKERS = Schedulers.newBoundedElastic(threads(),
			Schedulers.DEFAULT_BOUNDED_ELASTIC_QUEUESIZE, workerThreads(), 60);

	private static final ThreadLocal<SlowTimeBudget> SLOW = ThreadLocal.withInitial(SlowTimeBudget::new);

	private EventLoopGuard() {
	}

	private static int threads() {
		return Math.max(1,
				Integer.getInteger(THREADS_PROPERTY, Math.max(2, Runtime.getRuntime().availableProcessors())));
	}

	/**
	 * Where the JVM maps priorities to those of the operating system, event loops take
	 * precedence over workers.
	 */
	private static ThreadFactory workerThreads() {
		CustomizableThreadCreator threads = new CustomizableThreadCreator("ws-policy-evaluation-");
		threads.setDaemon(true);
		threads.setThreadPriority(Thread.MIN_PRIORITY);
		return threads::createThread;
	}

	/**
	 * Returns whether a message is short enough to be evaluated on the event loop.
	 * @param frame the message
	 * @return {@code true} if the message is short
	 */
	public static boolean isShort(Frame frame) {
		return isShort(FrameAccess.payload(frame).roughLength());
	}

	/**
	 * Returns whether a message of some length is short enough to be evaluated on the
	 * event loop.
	 * @param length the length in bytes or characters
	 * @return {@code true} if the message is short
	 */
	public static boolean isShort(int length) {
		return length <= SHORT;
	}

	/**
	 * Evaluates a message at a cost that grows only with its length.
	 * @param frame the message
	 * @param policy returns the verdict; called on the calling thread or on a worker
	 * thread
	 * @return the verdict, or a pending one
	 */
	public static Verdict evaluate(Frame frame, Supplier<Verdict> policy) {
		return evaluate(frame, SHORT, policy);
	}

	/**
	 * Evaluates a message at a cost that grows with its length, but faster than usual.
	 * @param frame the message
	 * @param maxOnLoop the length in bytes up to which the message is evaluated on the
	 * calling thread
	 * @param policy returns the verdict; called on the calling thread or on a worker
	 * thread
	 * @return the verdict, or a pending one
	 */
	public static Verdict evaluate(Frame frame, int maxOnLoop, Supplier<Verdict> policy) {
		SlowTimeBudget slow = SlowTimeBudget.ofThread();
		long begin = System.nanoTime();
		if (FrameAccess.payload(frame).roughLength() > maxOnLoop || slow.isExhausted(begin)) {
			return offload(policy);
		}
		try {
			return policy.get();
		}
		finally {
			slow.charge(begin, System.nanoTime());
		}
	}

	/**
	 * Evaluates a message at a cost that its length does not bound.
	 * @param frame the message
	 * @param policy returns the verdict within the given effort; called on the calling
	 * thread or on a worker thread, and a second time if it exceeds its effort on the
	 * event loop
	 * @param exceeded returns the verdict if the evaluation exceeds its effort on a
	 * worker thread, too
	 * @return the verdict, or a pending one
	 */
	public static Verdict evaluate(Frame frame, Function<Effort, Verdict> policy, Supplier<Verdict> exceeded) {
		SlowTimeBudget slow = SlowTimeBudget.ofThread();
		long begin = System.nanoTime();
		if (isShort(frame) && !slow.isExhausted(begin)) {
			try {
				return policy.apply(Effort.of(ON_LOOP));
			}
			catch (EffortExceededException ex) {
				// Start over on a worker thread
			}
			finally {
				slow.charge(begin, System.nanoTime());
			}
		}
		return offload(() -> {
			try {
				return policy.apply(Effort.of(OFF_LOOP));
			}
			catch (EffortExceededException ex) {
				return exceeded.get();
			}
		});
	}

	/** Evaluates on a worker thread, with the MDC of the calling thread. */
	private static Verdict offload(Supplier<Verdict> policy) {
		Map<String, String> mdc = MDC.getCopyOfContextMap();
		Supplier<Verdict> logging = (mdc == null || mdc.isEmpty()) ? policy : () -> {
			Map<String, String> before = MDC.getCopyOfContextMap();
			MDC.setContextMap(mdc);
			try {
				return policy.get();
			}
			finally {
				MDC.setContextMap((before != null) ? before : Map.of());
			}
		};
		return Verdict.later(Mono.fromSupplier(logging).subscribeOn(WORKERS));
	}

	/**
	 * The time that one event loop may spend on short messages whose evaluation is slow.
	 * A single one does no harm, but one turn of the loop may evaluate a thousand.
	 */
	static final class SlowTimeBudget {

		/** Faster evaluations are not charged: switching threads would cost as much. */
		private static final long SLOW_NANOS = 100_000;

		/** The time after which the budget is exhausted. */
		private static final long MAX_NANOS = 4_000_000;

		/** The budget recovers by one nanosecond in this many. */
		private static final int RECOVERY = 4;

		private long spent;

		/** The time up to which {@link #spent} has been reduced. */
		private long since;

		/**
		 * Returns the budget of the calling thread. It is never exhausted on a thread
		 * that may block.
		 */
		static SlowTimeBudget ofThread() {
			return Schedulers.isInNonBlockingThread() ? SLOW.get() : new SlowTimeBudget();
		}

		boolean isExhausted(long now) {
			if (this.spent > 0) {
				this.spent = Math.max(0, this.spent - (now - this.since) / RECOVERY);
				this.since = now;
			}
			return this.spent >= MAX_NANOS;
		}

		void charge(long begin, long end) {
			if (end - begin >= SLOW_NANOS) {
				this.spent += end - begin;
				this.since = end;
			}
		}

	}

}
