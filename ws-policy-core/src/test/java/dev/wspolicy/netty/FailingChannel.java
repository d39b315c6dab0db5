package dev.wspolicy.netty;

import java.lang.reflect.Proxy;

import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Cannot be written to, and its loop sets no timers.
 */
final class FailingChannel extends SteadyChannel {

	private final Runnable timed;

	private final Runnable written;

	private @Nullable EventLoop loop;

	FailingChannel(Runnable timed, Runnable written) {
		this.timed = timed;
		this.written = written;
	}

	@Override
	public EventLoop eventLoop() {
		if (this.timed == null) {
			// The channel is being made.
			return super.eventLoop();
		}
		if (this.loop == null) {
			EventLoop loop = super.eventLoop();
			this.loop = (EventLoop) Proxy.newProxyInstance(EventLoop.class.getClassLoader(),
					new Class<?>[] { EventLoop.class }, (proxy, method, arguments) -> {
						if (method.getName().equals("schedule")) {
							this.timed.run();
						}
						return method.invoke(loop, arguments);
					});
		}
		return this.loop;
	}

	@Override
	protected void doWrite(ChannelOutboundBuffer in) throws Exception {
		this.written.run();
		super.doWrite(in);
	}

	@Override
	protected void doShutdownOutput() {
		// The peer lives on.
	}

}
