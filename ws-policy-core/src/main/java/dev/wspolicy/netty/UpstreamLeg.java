package dev.wspolicy.netty;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an upstream that has answered with 101, while the client has no 101
 * yet. Frames that arrived together with the 101 are kept, and nothing more is read. They
 * are kept even if the upstream closes the connection in the meantime, when Netty
 * dismantles the pipeline and removes this handler.
 */
public final class UpstreamLeg extends ChannelInboundHandlerAdapter {

	private final Channel channel;

	private final HttpHeaders responseHeaders;

	private final @Nullable String subprotocol;

	private final @Nullable PerMessageDeflate deflate;

	private @Nullable ByteBuf kept;

	/** Whether the leg has been released to its session, or discarded. */
	private boolean over;

	/** Whether the leg has been released to its session. */
	private boolean released;

	private @Nullable LoopTimer expiry;

	private @Nullable Runnable onExpiry;

	UpstreamLeg(Channel channel, HttpHeaders responseHeaders, @Nullable String subprotocol,
			@Nullable PerMessageDeflate deflate) {
		this.channel = channel;
		this.responseHeaders = responseHeaders;
		this.subprotocol = subprotocol;
		this.deflate = deflate;
	}

	/**
	 * Creates a leg whose handshake is complete, without compression.
	 * @param channel the channel to the upstream, of which nothing is read yet
	 * @param responseHeaders the headers of the 101
	 * @param subprotocol the subprotocol that the upstream has chosen, or {@code null}
	 * @return the leg
	 */
	public static UpstreamLeg of(Channel channel, HttpHeaders responseHeaders, @Nullable String subprotocol) {
		return new UpstreamLeg(channel, responseHeaders, subprotocol, null);
	}

	/**
	 * Returns the channel to the upstream.
	 * @return the channel
	 */
	public Channel channel() {
		return this.channel;
	}

	/**
	 * Returns the headers of the 101.
	 * @return the headers
	 */
	public HttpHeaders responseHeaders() {
		return this.responseHeaders;
	}

	/**
	 * Returns the subprotocol that the upstream has chosen.
	 * @return the name, or {@code null}
	 */
	public @Nullable String subprotocol() {
		return this.subprotocol;
	}

	/** Returns what has been agreed about compression; null if nothing has. */
	@Nullable PerMessageDeflate deflate() {
		return this.deflate;
	}

	/** Discards the leg if it has no session by then. */
	void expireIn(Duration patience) {
		this.expiry = LoopTimer.start(this.channel.eventLoop(), patience, this::expire);
	}

	/**
	 * Sets what to do when this leg has waited too long for its session and has been
	 * discarded. Called on the event loop.
	 * @param onExpiry called on the event loop
	 */
	public void onExpiry(Runnable onExpiry) {
		this.onExpiry = onExpiry;
	}

	private void expire() {
		if (!this.over) {
			discardNow(() -> {
			});
			if (this.onExpiry != null) {
				this.onExpiry.run();
			}
		}
	}

	/**
	 * Closes the channel, unless the leg has been released to its session. From any
	 * thread.
	 */
	public void discard() {
		discard(() -> {
		});
	}

	/**
	 * Closes the channel, unless the leg has been released to its session. From any
	 * thread.
	 * @param discarded called if there will be no session: on the event loop, unless that
	 * has ended
	 */
	public void discard(Runnable discarded) {
		EventLoop loop = this.channel.eventLoop();
		if (loop.inEventLoop()) {
			discardNow(discarded);
		}
		else {
			try {
				loop.execute(() -> discardNow(discarded));
			}
			catch (RejectedExecutionException ex) {
				// The loop has ended, and the channel with it.
				discarded.run();
			}
		}
	}

	private void discardNow(Runnable discarded) {
		if (this.released) {
			return;
		}
		if (!this.over) {
			end();
			if (this.kept != null) {
				this.kept.release();
				this.kept = null;
			}
			this.channel.close();
		}
		discarded.run();
	}

	private void end() {
		this.over = true;
		if (this.expiry != null) {
			this.expiry.cancel();
		}
	}

	/** Removes this handler, and passes on what has been kept. */
	void release(LegHandler handler, ChannelHandlerContext context) {
		this.released = true;
		end();
		if (this.channel.pipeline().context(this) != null) {
			this.channel.pipeline().remove(this);
		}
		ByteBuf bytes = this.kept;
		if (bytes != null) {
			this.kept = null;
			handler.channelRead(context, bytes);
			handler.channelReadComplete(context);
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (message instanceof ByteBuf bytes && !this.over) {
			ByteBuf before = (this.kept != null) ? this.kept : Unpooled.EMPTY_BUFFER;
			this.kept = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), before, bytes);
		}
		else {
			ReferenceCountUtil.release(message);
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		// The session learns of this at its start.
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event instanceof SslCloseCompletionEvent) {
			// TLS has ended, even if TCP has not. The session would not learn of it.
			context.close();
		}
		ReferenceCountUtil.release(event);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		context.close();
	}

}
