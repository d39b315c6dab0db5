package dev.wspolicy.netty;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

import io.netty.util.concurrent.FastThreadLocal;

import dev.wspolicy.session.LoopTurns;

/**
 * The clocks of all event loops that serve sessions of a gateway. Safe from any thread.
 */
final class TurnClocks {

	private final List<TurnClock> clocks = new CopyOnWriteArrayList<>();

	private final FastThreadLocal<TurnClock> current = new FastThreadLocal<>();

	/**
	 * Returns the clock of the event loop that calls.
	 * @param time the time of that event loop in nanoseconds
	 */
	TurnClock current(LongSupplier time) {
		TurnClock clock = this.current.getIfExists();
		if (clock == null) {
			clock = new TurnClock(time);
			this.clocks.add(clock);
			this.current.set(clock);
		}
		return clock;
	}

	/** Sums up the turns of all event loops. */
	LoopTurns turns() {
		return new LoopTurns(sum(TurnClock::count), Duration.ofNanos(sum(TurnClock::total)),
				Duration.ofNanos(this.clocks.stream().mapToLong(TurnClock::longest).max().orElse(0)));
	}

	private long sum(ToLongFunction<TurnClock> value) {
		return this.clocks.stream().mapToLong(value).sum();
	}

}
