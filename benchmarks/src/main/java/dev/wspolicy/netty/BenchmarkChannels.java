package dev.wspolicy.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;

/**
 * A session between two channels that swallow what is written.
 */
final class BenchmarkChannels {

	private BenchmarkChannels() {
	}

	static EmbeddedChannel open() {
		return new EmbeddedChannel(new Swallow());
	}

	/** Where a session sits on a channel. */
	static ChannelHandlerContext leg(EmbeddedChannel channel) {
		channel.pipeline().addLast("leg", new ChannelInboundHandlerAdapter());
		return channel.pipeline().context("leg");
	}

	/**
	 * Where the socket would be.
	 */
	private static final class Swallow extends ChannelOutboundHandlerAdapter {

		@Override
		public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
			ReferenceCountUtil.release(message);
		}

		@Override
		public void flush(ChannelHandlerContext context) {
			// Nothing is there to be flushed.
		}

	}

}
