package dev.wspolicy.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;

/**
 * Closes its channel when it fails.
 */
final class FailingHandler extends ChannelOutboundHandlerAdapter {

	private final Runnable step;

	FailingHandler(Runnable step) {
		this.step = step;
	}

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		attempt(context, message);
		context.write(message, promise);
	}

	@Override
	public void flush(ChannelHandlerContext context) {
		attempt(context, Unpooled.EMPTY_BUFFER);
		context.flush();
	}

	private void attempt(ChannelHandlerContext context, Object message) {
		try {
			this.step.run();
		}
		catch (Throwable ex) {
			ReferenceCountUtil.release(message);
			context.close();
			throw ex;
		}
	}

}
