package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.FluxSink;

import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame;

/**
 * A tap that somebody watches. What is told waits here for the watcher, so much and no
 * more; what finds no room is dropped, and counted.
 */
final class RunningTap implements FrameTap {

	/** How many records may wait. */
	private static final int MAX_WAITING = 1024;

	/** How many payload bytes may wait. */
	private static final int MAX_WAITING_BYTES = 4 * 1024 * 1024;

	private final @Nullable String session;

	private final Predicate<ProxiedSession> filter;

	private final TapLimits limits;

	private final int payloadLimit;

	private final int capacity;

	private final RatePerSecond rate;

	private final FluxSink<Signal> sink;

	private final Consumer<RunningTap> onEnd;

	private final AtomicInteger waiting = new AtomicInteger();

	private final AtomicLong told = new AtomicLong();

	private final AtomicLong dropped = new AtomicLong();

	private final AtomicBoolean ended = new AtomicBoolean();

	private volatile String reason = "";

	/**
	 * A tap.
	 * @param session the id of the only session it is meant for, or {@code null}
	 * @param filter the sessions it is meant for
	 * @param limits how much it tells
	 * @param payloadLimit how many bytes of payload it copies
	 * @param sink where its records go
	 * @param onEnd called once, when it has ended
	 */
	RunningTap(@Nullable String session, Predicate<ProxiedSession> filter, TapLimits limits, int payloadLimit,
			FluxSink<Signal> sink, Consumer<RunningTap> onEnd) {
		this.session = session;
		this.filter = filter;
		this.limits = limits;
		this.payloadLimit = payloadLimit;
		this.capacity = Math.min(MAX_WAITING, MAX_WAITING_BYTES / Math.max(1, payloadLimit));
		this.rate = new RatePerSecond(limits.rate());
		this.sink = sink;
		this.onEnd = onEnd;
	}

	boolean isFor(ProxiedSession session) {
		return (this.session == null || this.session.equals(session.id())) && this.filter.test(session);
	}

	/** The only session that it is for, if that is so. */
	@Nullable String session() {
		return this.session;
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
		if (this.waiting.get() >= this.capacity || !this.rate.take()) {
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
			this.waiting.incrementAndGet();
			this.told.incrementAndGet();
			this.sink.next(new Signal.Told(session.id(), frame));
		}
	}

	/** The watcher has taken a record. */
	void taken() {
		this.waiting.decrementAndGet();
	}

	/** Time has passed. */
	void tick() {
		if (this.sink.requestedFromDownstream() > 0) {
			this.sink.next(Signal.Mark.TICK);
		}
	}

	/**
	 * Nothing more is told, unless that is so already.
	 * @param reason why
	 */
	void end(String reason) {
		if (this.ended.compareAndSet(false, true)) {
			this.reason = reason;
			this.sink.next(new Signal.End(reason));
			this.sink.complete();
			this.onEnd.accept(this);
		}
	}

	/** Whether nothing more is told. */
	boolean hasEnded() {
		return this.ended.get();
	}

	/** Why it has ended. */
	String reason() {
		return this.reason;
	}

	/** How many records were told, those included that wait for the watcher. */
	long told() {
		return this.told.get();
	}

	/** How many records were dropped. */
	long dropped() {
		return this.dropped.get();
	}

	/**
	 * What is told to the watcher.
	 */
	sealed interface Signal {

		/**
		 * A frame.
		 *
		 * @param session the id of its session
		 * @param frame the frame
		 */
		record Told(String session, TappedFrame frame) implements Signal {

		}

		/**
		 * What is no frame.
		 */
		enum Mark implements Signal {

			/**
			 * The tap is on the sessions that it is for.
			 */
			STARTED,

			/**
			 * Time has passed.
			 */
			TICK

		}

		/**
		 * The tap has ended.
		 *
		 * @param reason why
		 */
		record End(String reason) implements Signal {

		}

	}

}
