package dev.wspolicy.netty;

import java.util.concurrent.TimeUnit;

import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Ticker;

/**
 * A channel without a socket, on whose clock no time passes but what the test lets pass:
 * no timer goes off because the machine is slow.
 */
public class SteadyChannel extends EmbeddedChannel {

	private final SteadyTicker ticker;

	/**
	 * Creates a channel.
	 * @param handlers its handlers
	 */
	public SteadyChannel(ChannelHandler... handlers) {
		this(new SteadyTicker(), handlers);
	}

	private SteadyChannel(SteadyTicker ticker, ChannelHandler... handlers) {
		super(builder().ticker(ticker).handlers(handlers));
		this.ticker = ticker;
	}

	@Override
	public void advanceTimeBy(long duration, TimeUnit unit) {
		this.ticker.now += unit.toNanos(duration);
	}

	/**
	 * Goes on by a nanosecond whenever it is read: what a task schedules without delay is
	 * due after that task, and not in the same run of the loop.
	 */
	private static final class SteadyTicker implements Ticker {

		private long now;

		@Override
		public long nanoTime() {
			return ++this.now;
		}

		@Override
		public long initialNanoTime() {
			return 0;
		}

		@Override
		public void sleep(long delay, TimeUnit unit) {
			throw new UnsupportedOperationException();
		}

	}

}
