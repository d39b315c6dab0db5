package dev.wspolicy.netty;

import java.util.List;
import java.util.Objects;
import java.util.Queue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * The first handler of a session's HTTP/2 stream, in place of those of HTTP. It makes the
 * stream look like a socket to the handlers behind it: bytes come and go without the
 * frames around them, and the ends of both directions are reported as those of a socket
 * are.
 */
final class StreamCodec extends ChannelDuplexHandler {

	/**
	 * How many bytes are written as one, so that the progress of a long write shows. It
	 * is the size of the largest DATA frame that every peer accepts.
	 */
	private static final int PIECE = 16 * 1024;

	private static final List<String> HTTP_HANDLERS = List.of(NettyPipeline.H2ToHttp11Codec,
			NettyPipeline.HttpTrafficHandler, NettyPipeline.LEFT + "websocketStreamBridgeServerHandler");

	/** What the client has sent before its 200; null once it has been passed on. */
	private @Nullable Queue<Http2DataFrame> early;

	private @Nullable ChannelHandlerContext context;

	/** Reports that the connection is lost. */
	private @Nullable ChannelFutureListener onConnectionClosed;

	/** The number of bytes that wait to be written; set on the event loop only. */
	private volatile long unwritten;

	/** Whether the gateway has ended its stream, so that nothing is written any more. */
	private boolean outputEnded;

	/** Whether the end of the output has been reported. */
	private boolean outputFailed;

	private StreamCodec(Queue<Http2DataFrame> early) {
		this.early = early;
	}

	/**
	 * Replaces the handlers of HTTP.
	 * @param stream the stream of a client, which has its 200
	 */
	static void install(Channel stream) {
		ChannelPipeline pipeline = stream.pipeline();
		pipeline.addFirst(new StreamCodec(StreamWatch.end(stream)));
		for (String name : HTTP_HANDLERS) {
			if (pipeline.get(name) != null) {
				pipeline.remove(name);
			}
		}
	}

	@Override
	public void handlerAdded(ChannelHandlerContext context) {
		this.context = context;
		// Netty does not tell a stream of which something waits to be read.
		ChannelFutureListener failing = (closed) -> onOutputFailed(context);
		this.onConnectionClosed = failing;
		context.channel().parent().closeFuture().addListener(failing);
	}

	/** Passes on what the client has sent before its 200. */
	void releaseEarly() {
		Queue<Http2DataFrame> frames = this.early;
		ChannelHandlerContext context = Objects.requireNonNull(this.context);
		if (frames != null && !frames.isEmpty()) {
			this.early = null;
			frames.forEach((frame) -> channelRead(context, frame));
			context.fireChannelReadComplete();
		}
		this.early = null;
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		if (this.onConnectionClosed != null) {
			context.channel().parent().closeFuture().removeListener(this.onConnectionClosed);
		}
		if (this.early != null) {
			this.early.forEach(ReferenceCountUtil::release);
			this.early = null;
		}
	}

	/** Returns the number of bytes that wait to be written. From any thread. */
	long unwritten() {
		return this.unwritten;
	}

	/** The gateway is about to end its stream. */
	void endOutput() {
		this.outputEnded = true;
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (message instanceof Http2DataFrame data) {
			boolean last = data.isEndStream();
			if (data.content().isReadable()) {
				// The frame has no reference count of its own.
				context.fireChannelRead(data.content());
			}
			else {
				data.release();
			}
			if (last) {
				context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
			}
		}
		else if (message instanceof Http2Frame) {
			// Trailers end a stream, too.
			boolean last = message instanceof Http2HeadersFrame headers && headers.isEndStream();
			ReferenceCountUtil.release(message);
			if (last) {
				context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
			}
		}
		else {
			context.fireChannelRead(message);
		}
	}

	/**
	 * Begins the next read. Netty counts the frames that a read takes, but forgets to
	 * begin anew for a stream of which nothing waits: from the 17th frame on, each would
	 * be a read of its own, and flushed by itself.
	 */
	@Override
	public void channelReadComplete(ChannelHandlerContext context) {
		Channel stream = context.channel();
		stream.unsafe().recvBufAllocHandle().reset(stream.config());
		context.fireChannelReadComplete();
	}

	/**
	 * Reads on. That widens the window of the client, but Netty leaves the WINDOW_UPDATE
	 * to the next flush of anybody if a read is pending already, and the client may wait
	 * for it. While the connection is read, this flush does nothing, and one follows.
	 */
	@Override
	public void read(ChannelHandlerContext context) {
		context.read();
		context.flush();
	}

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		if (!(message instanceof ByteBuf bytes)) {
			context.write(message, promise);
			return;
		}
		while (bytes.readableBytes() > PIECE) {
			write(context, bytes.readRetainedSlice(PIECE), context.newPromise());
		}
		// A void promise would report a failure as an exception, which closes the leg.
		write(context, bytes, promise.isVoid() ? context.newPromise() : promise);
	}

	@SuppressWarnings("NonAtomicVolatileUpdate")
	private void write(ChannelHandlerContext context, ByteBuf bytes, ChannelPromise promise) {
		int length = bytes.readableBytes();
		this.unwritten += length;
		context.write(new DefaultHttp2DataFrame(bytes), promise)
			.addListener((written) -> onWritten(context, length, written));
	}

	@SuppressWarnings("NonAtomicVolatileUpdate")
	private void onWritten(ChannelHandlerContext context, int length, Future<?> written) {
		this.unwritten -= length;
		if (!written.isSuccess()) {
			onOutputFailed(context);
		}
	}

	private void onOutputFailed(ChannelHandlerContext context) {
		if (!this.outputFailed && !this.outputEnded && context.channel().isActive()) {
			this.outputFailed = true;
			context.fireUserEventTriggered(ChannelOutputShutdownEvent.INSTANCE);
		}
	}

	/**
	 * Says why the stream ends if its client has broken the rules of HTTP/2. Netty counts
	 * that, and closes the connection of a client that does it often.
	 */
	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
		if (failure instanceof Http2Exception.StreamException error) {
			context.writeAndFlush(new DefaultHttp2ResetFrame(error.error()));
		}
		context.fireExceptionCaught(failure);
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event instanceof Http2ResetFrame) {
			// What has come before is read first; then Netty closes the channel.
			onOutputFailed(context);
		}
		else if (event instanceof SslCloseCompletionEvent) {
			// TLS has ended, even if TCP has not: nothing more comes for any stream.
			Channel connection = context.channel().parent();
			connection.eventLoop().execute(() -> connection.unsafe().close(connection.voidPromise()));
		}
		else if (!(event instanceof ChannelInputShutdownReadComplete || event instanceof Http2Frame)) {
			context.fireUserEventTriggered(event);
			return;
		}
		ReferenceCountUtil.release(event);
	}

}
