package dev.wspolicy.netty;

import java.util.ArrayDeque;
import java.util.Queue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Keeps what a client sends on a stream of HTTP/2 before its extended CONNECT is
 * answered. Stands before all handlers of HTTP, and lets none of them read on, so that
 * the window of the stream bounds what waits.
 */
final class StreamWatch extends ChannelDuplexHandler {

	private static final String NAME = "wsPolicyStreamWatch";

	/** The header in which Netty repeats the pseudo-header. */
	private static final String PROTOCOL = "x-http2-protocol";

	private final Queue<Http2DataFrame> early = new ArrayDeque<>(0);

	/**
	 * Closes the stream if its connection is lost, which Netty does not if it is not
	 * read.
	 */
	private @Nullable ChannelFutureListener onConnectionClosed;

	/** Whether a handler has asked to read on. */
	private boolean readWanted;

	/**
	 * Whether the response has begun. A client that then ends its stream may still want
	 * the body of a refusal.
	 */
	private boolean answered;

	/** Whether the handlers of HTTP still wait for the end of the request. */
	private boolean endAwaited;

	private StreamWatch(boolean endAwaited) {
		this.endAwaited = endAwaited;
	}

	/**
	 * Watches the stream of an extended CONNECT request. Called for each request before
	 * it is handled; calls for other requests are ignored.
	 * @param connection the stream, which is also the request
	 */
	static void on(Connection connection) {
		Channel stream = connection.channel();
		if (stream instanceof Http2StreamChannel http2 && connection instanceof HttpServerRequest request
				&& isExtendedConnect(request) && stream.pipeline().get(NAME) == null) {
			Http2FrameCodec codec = stream.parent().pipeline().get(Http2FrameCodec.class);
			if (codec != null) {
				codec.setCumulator(PartialFrameCumulator.INSTANCE);
				UnreadFrames.joinOn(codec, stream.parent());
				LostConnection.expectOn(stream.parent().pipeline());
				ResetStreams resets = ResetStreams.on(codec, stream.parent());
				ConnectionWindow.widen(codec.connection(), stream.parent(), resets.allowedStreams());
			}
			boolean webSocket = HttpHeaderValues.WEBSOCKET
				.contentEqualsIgnoreCase(request.requestHeaders().get(PROTOCOL, ""));
			stream.pipeline().addFirst(NAME, new StreamWatch(webSocket && http2.stream().state().remoteSideOpen()));
		}
	}

	/** Only a CONNECT with a protocol has a path. */
	private static boolean isExtendedConnect(HttpServerRequest request) {
		return HttpMethod.CONNECT.equals(request.method()) && request.uri().startsWith("/");
	}

	/**
	 * Removes the watch from a stream whose session begins.
	 * @param stream the stream of a client
	 * @return what the client has sent behind its request, owned by the caller
	 */
	static Queue<Http2DataFrame> end(Channel stream) {
		ChannelPipeline pipeline = stream.pipeline();
		StreamWatch watch = pipeline.get(StreamWatch.class);
		if (watch == null) {
			return new ArrayDeque<>(0);
		}
		Queue<Http2DataFrame> early = new ArrayDeque<>(watch.early);
		watch.early.clear();
		pipeline.remove(watch);
		return early;
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (message instanceof Http2DataFrame data) {
			keep(context, data);
		}
		else if (message instanceof Http2HeadersFrame) {
			// Trailers, whose fields mean nothing to a session.
			ReferenceCountUtil.release(message);
			keep(context, new DefaultHttp2DataFrame(true));
		}
		else {
			context.fireChannelRead(message);
		}
	}

	/**
	 * Ends the request for the handlers of HTTP, as an upgrade over HTTP/1.1 ends with
	 * its headers: all that follows is for the session. Otherwise they would apply their
	 * timeouts for reading requests to the session, and filters that read the body would
	 * wait for its end.
	 */
	@Override
	public void channelReadComplete(ChannelHandlerContext context) {
		if (this.endAwaited) {
			this.endAwaited = false;
			ChannelConfig config = context.channel().config();
			boolean autoRead = config.isAutoRead();
			context.fireChannelRead(new DefaultHttp2DataFrame(true));
			// Reactor Netty now reads whatever comes.
			config.setAutoRead(autoRead);
		}
		context.fireChannelReadComplete();
	}

	private void keep(ChannelHandlerContext context, Http2DataFrame data) {
		this.early.add(data);
		if (data.isEndStream() && !this.answered) {
			// Like the FIN of a client that waits for a 101.
			context.close();
		}
	}

	@Override
	public void read(ChannelHandlerContext context) {
		this.readWanted = true;
	}

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		ChannelPromise observed = promise;
		if (message instanceof Http2HeadersFrame answer && !startsWith('1', answer)) {
			this.answered = true;
		}
		if (message instanceof Http2HeadersFrame answer && startsWith('2', answer)) {
			observed = promise.unvoid();
			// A session of this library begins as soon as the 200 is written.
			observed.addListener((written) -> context.executor().execute(() -> giveUp(context)));
		}
		else if (isLast(message)) {
			observed = promise.unvoid();
			observed.addListener((written) -> context.executor().execute(() -> endRefused(context)));
		}
		context.write(message, observed);
	}

	private static boolean startsWith(char digit, Http2HeadersFrame answer) {
		CharSequence status = answer.headers().status();
		return status != null && status.charAt(0) == digit;
	}

	private static boolean isLast(Object message) {
		return (message instanceof Http2HeadersFrame headers && headers.isEndStream())
				|| (message instanceof Http2DataFrame data && data.isEndStream());
	}

	/** Stops keeping frames: another handler of WebSockets has accepted the request. */
	private void giveUp(ChannelHandlerContext context) {
		if (context.isRemoved()) {
			return;
		}
		for (Http2DataFrame data = this.early.poll(); data != null; data = this.early.poll()) {
			context.fireChannelRead(data);
		}
		context.fireChannelReadComplete();
		Channel stream = context.channel();
		context.pipeline().remove(this);
		if (this.readWanted) {
			stream.read();
		}
	}

	/**
	 * Closes the stream of a refused request. Its client may wait to be told: the stream
	 * is open as long as neither side has reset it or both have ended it
	 * (<a href="https://www.rfc-editor.org/rfc/rfc9113#section-8.1">RFC 9113, section
	 * 8.1</a>).
	 */
	private static void endRefused(ChannelHandlerContext context) {
		if (!context.isRemoved() && context.channel().isActive()) {
			context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
			// Netty keeps a stream that has ended until what has come in it has been
			// read.
			context.close();
		}
	}

	/** Closes the stream at once if its client gives up: what has come is not needed. */
	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event instanceof Http2ResetFrame) {
			ReferenceCountUtil.release(event);
			context.close();
		}
		else {
			context.fireUserEventTriggered(event);
		}
	}

	/**
	 * Closes the stream at once if its client breaks the rules of HTTP/2. The handlers
	 * behind this one would answer the exception with CANCEL, which Netty does not count
	 * as an error of the client.
	 */
	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
		if (failure instanceof Http2Exception.StreamException error) {
			context.writeAndFlush(new DefaultHttp2ResetFrame(error.error()));
			context.close();
		}
		else {
			context.fireExceptionCaught(failure);
		}
	}

	@Override
	public void handlerAdded(ChannelHandlerContext context) {
		ChannelFutureListener closing = (closed) -> context.close();
		this.onConnectionClosed = closing;
		context.channel().parent().closeFuture().addListener(closing);
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		if (this.onConnectionClosed != null) {
			context.channel().parent().closeFuture().removeListener(this.onConnectionClosed);
		}
		this.early.forEach(ReferenceCountUtil::release);
		this.early.clear();
	}

}
