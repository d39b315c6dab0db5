package dev.wspolicy.proving.fuzz;

import java.util.Random;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.netty.EmbeddedSession;
import dev.wspolicy.session.Side;

/**
 * Lets a stream arrive in pieces of random lengths. Added to a channel, this handler lets
 * some of them arrive while the session writes to that channel, or flushes it. That
 * happens if the target takes what it was full of, and the source, which is read on, is a
 * stream of HTTP/2.
 */
@ChannelHandler.Sharable
final class Pieces extends ChannelOutboundHandlerAdapter {

	private final Random random;

	private final byte[] stream;

	private final int longest;

	/** How many writes there are to one with which a piece arrives; 0 for none. */
	private final int writes;

	private int position;

	private @Nullable Runnable nested;

	Pieces(Random random, byte[] stream) {
		this.random = new Random(random.nextLong());
		this.stream = stream;
		this.longest = this.random.nextBoolean() ? 16 : 4_000;
		this.writes = this.random.nextInt(4);
	}

	/** Sends all pieces, unless the session ends before. */
	void send(EmbeddedSession session, Side sender) {
		ChannelPipeline pipeline = session.channel(sender).pipeline();
		this.nested = () -> pipeline.fireChannelRead(next()).fireChannelReadComplete();
		while (isLeft() && session.channel(sender).isActive()) {
			session.read(sender, next());
		}
		this.nested = null;
	}

	private boolean isLeft() {
		return this.position < this.stream.length;
	}

	private ByteBuf next() {
		int from = this.position;
		this.position = Math.min(this.stream.length, from + 1 + this.random.nextInt(this.longest));
		return Unpooled.copiedBuffer(this.stream, from, this.position - from);
	}

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		context.write(message, promise);
		maybeNest();
	}

	@Override
	public void flush(ChannelHandlerContext context) {
		context.flush();
		maybeNest();
	}

	private void maybeNest() {
		if (this.nested != null && isLeft() && this.writes > 0 && this.random.nextInt(this.writes) == 0) {
			this.nested.run();
		}
	}

}
