package dev.wspolicy.testkit;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import io.netty.util.ResourceLeakDetectorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails the test class after which Netty's leak detector reports a leak.
 * <p>
 * The detector is listened to directly, not through its log lines: Spring Boot's logging
 * system throws out foreign appenders, and while it starts no line gets through at all.
 */
public final class LeakWatch implements BeforeAllCallback, AfterAllCallback {

	/** Lettuce loses a buffer if it is shut down while it opens a connection. */
	private static final String KNOWN = "io.lettuce.core.protocol.CommandHandler.channelRegistered";

	/** More than fits into the young generation of a JVM of tests. */
	private static final int YOUNG_GARBAGE = 128 * 1024 * 1024;

	private static final int CHUNK = 64 * 1024;

	private static final Set<String> REPORTS = new LinkedHashSet<>();

	/** Keeps the compiler from leaving out the garbage. */
	private static volatile byte @Nullable [] garbage;

	static {
		ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ListeningFactory());
		ResourceLeakDetector.setLevel(Level.PARANOID);
		// The detector of buffers may have been made before
		ByteBufUtil.setLeakListener(LeakWatch::report);
	}

	/**
	 * Starts to watch, where this extension is the first that hears of the test run.
	 */
	@Override
	public void beforeAll(ExtensionContext context) {
		if (ResourceLeakDetector.getLevel() != Level.PARANOID) {
			throw new IllegalStateException("The leak detector has been set to " + ResourceLeakDetector.getLevel());
		}
	}

	@Override
	public void afterAll(ExtensionContext context) {
		if (context.getRequiredTestClass().getEnclosingClass() == null) {
			requireNoLeaks(context.getDisplayName());
		}
	}

	/**
	 * Fails if a leak has been reported that nobody has been told of yet.
	 */
	static void requireNoLeaks(String where) {
		List<String> leaks = findLeaks();
		if (!leaks.isEmpty()) {
			throw new AssertionError(leaks.size() + " leaked, found after " + where + ":\n" + String.join("\n", leaks));
		}
	}

	/**
	 * Lets the detector look at all that was collected so far, and takes its reports.
	 */
	static List<String> findLeaks() {
		awaitCollection();
		// What this collection finds is announced after all that the first one found
		awaitYoungCollection();
		// The detector reports when it is given the next buffer to track
		PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
		synchronized (REPORTS) {
			List<String> leaks = new ArrayList<>(REPORTS);
			REPORTS.clear();
			return leaks;
		}
	}

	private static void awaitCollection() {
		ReferenceQueue<Object> queue = new ReferenceQueue<>();
		WeakReference<Object> sentinel = new WeakReference<>(new Object(), queue);
		try {
			for (int attempts = 0; attempts < 10; attempts++) {
				System.gc();
				if (queue.remove(1000) == sentinel) {
					return;
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		throw new IllegalStateException("The garbage collector does not collect");
	}

	/**
	 * Waits for a collection of any kind. That of the young generation takes a fraction
	 * of the time that {@link System#gc()} takes, and is caused by garbage alone.
	 */
	private static void awaitYoungCollection() {
		ReferenceQueue<Object> queue = new ReferenceQueue<>();
		WeakReference<Object> sentinel = new WeakReference<>(new Object(), queue);
		for (int allocated = 0; allocated < YOUNG_GARBAGE; allocated += CHUNK) {
			garbage = new byte[CHUNK];
			if (queue.poll() == sentinel) {
				garbage = null;
				return;
			}
		}
		garbage = null;
		awaitCollection();
	}

	private static void report(String resourceType, String records) {
		if (records.contains(KNOWN)) {
			return;
		}
		synchronized (REPORTS) {
			REPORTS.add(resourceType + " was not released before it was garbage-collected." + records);
		}
	}

	private static final class ListeningFactory extends ResourceLeakDetectorFactory {

		@Override
		@SuppressWarnings("deprecation")
		public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval,
				long maxActive) {
			return newResourceLeakDetector(resource, samplingInterval);
		}

		@Override
		public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
			ResourceLeakDetector<T> detector = new AlertDetector<>(resource, samplingInterval);
			detector.setLeakListener(LeakWatch::report);
			return detector;
		}

	}

	/**
	 * Reports also while nobody logs.
	 */
	private static final class AlertDetector<T> extends ResourceLeakDetector<T> {

		@SuppressWarnings("deprecation")
		AlertDetector(Class<?> resource, int samplingInterval) {
			super(resource, samplingInterval);
		}

		@Override
		protected boolean needReport() {
			return true;
		}

	}

}
