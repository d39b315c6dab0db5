package dev.wspolicy.netty;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

import io.netty.util.concurrent.FastThreadLocal;

import dev.wspolicy.session.LoopTurns;

/**
 * The clocks of all event loops that serve sessions of a gateway. Safe from any thread.
 */
final class TurnClocks {

	private final List<TurnClock> clocks = new CopyOnWriteArrayList<>();

	private final FastThreadLocal<TurnClock> clock = new FastThreadLocal<>() {

		@Override
		protected TurnClock initialValue() {
			TurnClock clock = new TurnClock(System.nanoTime());
			TurnClocks.this.clocks.add(clock);
			return clock;
		}

	};

	/** Returns the clock of the event loop that calls. */
	TurnClock current() {
		return this.clock.get();
	}

	/** Sums up the turns of all event loops. */
	LoopTurns turns() {
		long nanoTime = System.nanoTime();
		return new LoopTurns(sum(TurnClock::count), Duration.ofNanos(sum(TurnClock::total)),
				Duration.ofNanos(this.clocks.stream().mapToLong((clock) -> clock.longest(nanoTime)).max().orElse(0)));
	}

	private long sum(ToLongFunction<TurnClock> value) {
		return this.clocks.stream().mapToLong(value).sum();
	}

}
