package dev.wspolicy.proving.worst;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.TestSession;

/**
 * A built-in policy with its settings, and what the messages that it reads consist of.
 *
 * @param name what is measured
 * @param policy the policy
 * @param grammar what its messages consist of
 */
record Subject(String name, FramePolicy policy, Grammar grammar) {

	private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

	private static final FrameContext CONTEXT = Contexts.frames(Direction.INBOUND,
			new TestSession("worst", "route", "ann", new InetSocketAddress("127.0.0.1", 4711), Instant.EPOCH));

	/** Creates a policy of a factory with settings as in YAML. */
	static <C> Subject of(String name, FramePolicyFactory<C> factory, Grammar grammar, Map<String, ?> settings) {
		C bound = new Binder(new MapConfigurationPropertySource(settings)).bindOrCreate("policy",
				Bindable.of(factory.settingsType()));
		return new Subject(name, factory.create(bound), grammar);
	}

	/** Lets the policy judge a text, and measures the time of the processor. */
	Cost judge(String text) {
		TextFrame frame = TextFrame.of(text);
		long workers = workers();
		long begin = THREADS.getCurrentThreadCpuTime();
		Verdict verdict = this.policy.apply(frame, CONTEXT);
		long onLoop = THREADS.getCurrentThreadCpuTime() - begin;
		if (!(verdict instanceof Verdict.Later later)) {
			return new Cost(onLoop, onLoop);
		}
		Objects.requireNonNull(settle(later), "no verdict");
		return new Cost(onLoop, onLoop + workers() - workers);
	}

	/** Returns the time that the worker threads of the policies have taken so far. */
	private static long workers() {
		Thread[] threads = new Thread[256];
		int count = Thread.enumerate(threads);
		long time = 0;
		for (int i = 0; i < count; i++) {
			if (threads[i].getName().startsWith("ws-policy-evaluation")) {
				time += Math.max(0, THREADS.getThreadCpuTime(threads[i].getId()));
			}
		}
		return time;
	}

	private static Verdict settle(Verdict.Later later) {
		try {
			return later.verdict().toCompletableFuture().get(1, TimeUnit.MINUTES);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw new AssertionError("No verdict", ex);
		}
	}

	/**
	 * What a message costs.
	 *
	 * @param onLoop the time on the event loop in nanoseconds
	 * @param all the time on all threads
	 */
	record Cost(long onLoop, long all) {

	}

}
