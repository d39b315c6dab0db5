package dev.wspolicy.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.FluxSink;

import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.Termination;

/**
 * A tap with one subscriber. Records wait in a bounded buffer until the subscriber takes
 * them. Records that exceed the buffer or the rate are dropped and counted.
 */
final class RunningTap implements FrameTap {

	/** The maximum number of records in the buffer. */
	private static final int MAX_WAITING = 1024;

	/** The maximum number of payload bytes in the buffer. */
	private static final int MAX_WAITING_BYTES = 4 * 1024 * 1024;

	private final @Nullable String session;

	private final Predicate<ProxiedSession> filter;

	private final TapLimits limits;

	private final int payloadLimit;

	private final int capacity;

	private final PerSecondLimiter rate;

	private final FluxSink<Signal> sink;

	private final Consumer<RunningTap> onEnd;

	/** The live sessions of which something has been recorded. */
	private final Set<String> shown = ConcurrentHashMap.newKeySet();

	private final AtomicInteger waiting = new AtomicInteger();

	private final AtomicLong recorded = new AtomicLong();

	private final AtomicLong dropped = new AtomicLong();

	private final AtomicBoolean ended = new AtomicBoolean();

	private volatile String reason = "";

	/**
	 * Creates a tap.
	 * @param session the id of the only session to tap, or {@code null} for all that
	 * match
	 * @param filter matches the sessions to tap
	 * @param limits the limits of the tap
	 * @param payloadLimit the number of payload bytes to copy per frame
	 * @param sink receives the records
	 * @param onEnd called once, when the tap has ended
	 */
	RunningTap(@Nullable String session, Predicate<ProxiedSession> filter, TapLimits limits, int payloadLimit,
			FluxSink<Signal> sink, Consumer<RunningTap> onEnd) {
		this.session = session;
		this.filter = filter;
		this.limits = limits;
		this.payloadLimit = payloadLimit;
		this.capacity = Math.min(MAX_WAITING, MAX_WAITING_BYTES / Math.max(1, payloadLimit));
		this.rate = new PerSecondLimiter(limits.rate());
		this.sink = sink;
		this.onEnd = onEnd;
	}

	boolean appliesTo(ProxiedSession session) {
		return (this.session == null || this.session.equals(session.id())) && this.filter.test(session);
	}

	/** Return the id of the only session to tap, or {@code null}. */
	@Nullable String session() {
		return this.session;
	}

	/** Return the fraction of the frames that is recorded. */
	double sample() {
		return this.limits.sample();
	}

	Duration duration() {
		return this.limits.duration();
	}

	@Override
	public boolean wantsNext() {
		if (this.ended.get()
				|| (this.limits.sample() < 1 && ThreadLocalRandom.current().nextDouble() >= this.limits.sample())) {
			return false;
		}
		if (this.waiting.get() >= this.capacity || !this.rate.tryAcquire()) {
			this.dropped.incrementAndGet();
			return false;
		}
		return true;
	}

	@Override
	public int payloadLimit() {
		return this.payloadLimit;
	}

	@Override
	public void onFrame(ProxiedSession session, TappedFrame frame) {
		if (!this.ended.get()) {
			open(session);
			this.waiting.incrementAndGet();
			this.recorded.incrementAndGet();
			this.sink.next(new Signal.Record(session.id(), frame, this.dropped.get()));
		}
	}

	@Override
	public void onObserved(ProxiedSession session, ObservedVerdict verdict) {
		if (!this.ended.get()) {
			open(session);
			this.waiting.incrementAndGet();
			this.recorded.incrementAndGet();
			this.sink.next(new Signal.Observed(session.id(), Instant.now(), verdict, this.dropped.get()));
		}
	}

	private void open(ProxiedSession session) {
		if (this.shown.add(session.id())) {
			this.sink.next(new Signal.Opened(session));
		}
	}

	/**
	 * A session has ended. There is at most one signal for each session that has been
	 * recorded.
	 */
	void closed(ProxiedSession session, Termination termination) {
		if (this.shown.remove(session.id()) && !this.ended.get()) {
			this.sink.next(new Signal.Closed(session.id(), termination));
		}
		if (session.id().equals(this.session)) {
			end("session-closed");
		}
	}

	/** Called when the subscriber has taken a record. */
	void delivered() {
		this.waiting.decrementAndGet();
	}

	/** Emit a tick if the subscriber has requested more. */
	void tick() {
		if (this.sink.requestedFromDownstream() > 0) {
			this.sink.next(Signal.Mark.TICK);
		}
	}

	/**
	 * End the tap, unless it has ended already.
	 * @param reason why it ends
	 */
	void end(String reason) {
		if (this.ended.compareAndSet(false, true)) {
			this.reason = reason;
			this.sink.next(new Signal.End(reason));
			this.sink.complete();
			this.onEnd.accept(this);
		}
	}

	/** Return whether the tap has ended. */
	boolean hasEnded() {
		return this.ended.get();
	}

	/** Return why the tap has ended. */
	String reason() {
		return this.reason;
	}

	/** Return the number of records, including those in the buffer. */
	long recorded() {
		return this.recorded.get();
	}

	/** Return the number of dropped frames. */
	long dropped() {
		return this.dropped.get();
	}

	/**
	 * What the tap emits to its subscriber.
	 */
	sealed interface Signal {

		/**
		 * The next signal is the first of a session.
		 *
		 * @param session the session
		 */
		record Opened(ProxiedSession session) implements Signal {

		}

		/**
		 * A session of which something was recorded has ended.
		 *
		 * @param session its id
		 * @param termination how it has ended
		 */
		record Closed(String session, Termination termination) implements Signal {

		}

		/**
		 * A recorded frame.
		 *
		 * @param session the id of its session
		 * @param frame the frame
		 * @param dropped the number of records that had been dropped before it
		 */
		record Record(String session, TappedFrame frame, long dropped) implements Signal {

		}

		/**
		 * A verdict of an observed policy that is not part of a recorded frame.
		 *
		 * @param session the id of the session
		 * @param time when it was reached
		 * @param verdict the verdict
		 * @param dropped the number of records that had been dropped before it
		 */
		record Observed(String session, Instant time, ObservedVerdict verdict, long dropped) implements Signal {

		}

		/**
		 * A signal without a frame.
		 */
		enum Mark implements Signal {

			/**
			 * The tap has been attached to its sessions.
			 */
			STARTED,

			/**
			 * A second has passed.
			 */
			TICK

		}

		/**
		 * The tap has ended.
		 *
		 * @param reason why it ended
		 */
		record End(String reason) implements Signal {

		}

	}

}
