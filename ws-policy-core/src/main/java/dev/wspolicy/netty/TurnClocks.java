package dev.wspolicy.netty;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

import dev.wspolicy.session.LoopTurns;

/**
 * The clocks of all event loops that serve sessions of a gateway. Safe from any thread.
 */
final class TurnClocks {

	/** By the thread of the event loop, of which there are few. */
	private final Map<Thread, TurnClock> clocks = new ConcurrentHashMap<>();

	/**
	 * Returns the clock of the event loop that calls.
	 * @param time the time of that event loop in nanoseconds
	 */
	TurnClock current(LongSupplier time) {
		return this.clocks.computeIfAbsent(Thread.currentThread(), (thread) -> new TurnClock(time));
	}

	/** Sums up the turns of all event loops. */
	LoopTurns turns() {
		return new LoopTurns(sum(TurnClock::count), Duration.ofNanos(sum(TurnClock::total)),
				Duration.ofNanos(this.clocks.values().stream().mapToLong(TurnClock::longest).max().orElse(0)));
	}

	private long sum(ToLongFunction<TurnClock> value) {
		return this.clocks.values().stream().mapToLong(value).sum();
	}

}
