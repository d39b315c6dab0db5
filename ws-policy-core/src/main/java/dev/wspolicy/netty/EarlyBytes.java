package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a client sends behind an upgrade request until the request is answered: the
 * frames of a client that does not wait for the 101, or another request. Stands before
 * all handlers of HTTP and WebSocket, so that none of them misinterprets these bytes.
 * <p>
 * At {@value #LIMIT} bytes reading stops. Bytes that come nevertheless are those of a
 * client that has closed the connection, because epoll reads on then. At the hard limit
 * the connection is closed.
 */
final class EarlyBytes extends ChannelInboundHandlerAdapter {

	static final int LIMIT = 64 * 1024;

	private static final int HARD_LIMIT = 4 * LIMIT;

	private @Nullable ByteBuf kept;

	private boolean stopped;

	/** Appends bytes to those that are kept. */
	void keep(ChannelHandlerContext context, ByteBuf bytes) {
		if (context.isRemoved() || length() >= HARD_LIMIT) {
			bytes.release();
			context.close();
			return;
		}
		// In one buffer, because many small ones would occupy far more memory.
		ByteBuf before = (this.kept != null) ? this.kept : Unpooled.EMPTY_BUFFER;
		this.kept = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), before, bytes);
		if (length() >= LIMIT) {
			this.stopped = true;
			context.channel().config().setAutoRead(false);
		}
	}

	private int length() {
		return (this.kept != null) ? this.kept.readableBytes() : 0;
	}

	/** Whether reading has been stopped at the limit. */
	boolean hasStopped() {
		return this.stopped;
	}

	/** Returns what has been kept, and passes its ownership to the caller. */
	@Nullable ByteBuf take() {
		ByteBuf bytes = this.kept;
		this.kept = null;
		return bytes;
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (message instanceof ByteBuf bytes) {
			keep(context, bytes);
		}
		else {
			context.fireChannelRead(message);
		}
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		ByteBuf bytes = take();
		if (bytes != null) {
			bytes.release();
		}
	}

}
