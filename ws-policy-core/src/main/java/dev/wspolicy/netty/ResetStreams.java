package dev.wspolicy.netty;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.codec.http2.Http2WindowUpdateFrame;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the streams of an HTTP/2 connection that the gateway has reset, so that what
 * their clients have sent before they know is ignored
 * (<a href="https://www.rfc-editor.org/rfc/rfc9113#section-5.1">RFC 9113, section
 * 5.1</a>). Netty forgets such a stream at once, answers each of these frames with a
 * reset, and closes the connection, with all its sessions, because of too many resets.
 * Stands between Netty's codec and its streams.
 */
final class ResetStreams extends ChannelDuplexHandler {

	private static final String NAME = "wsPolicyResetStreams";

	/** Within this, what the client has sent comes, even if it has queued for a while. */
	private static final long NANOS = TimeUnit.SECONDS.toNanos(5);

	/** The number of streams that are remembered. */
	private static final int MOST = 100;

	private final Http2FrameCodec codec;

	private final Channel connection;

	/** Those that Netty still knows, the oldest first, and when they were reset. */
	private final Map<Http2Stream, Long> streams = new LinkedHashMap<>();

	/** The number of resets that the connection has not taken yet. */
	private int unwritten;

	/** Whether Netty closes the connection when it has no more streams. */
	private boolean closing;

	/** Whether a task waits that forgets the oldest. One is enough for all of them. */
	private boolean scheduled;

	private ResetStreams(Http2FrameCodec codec, Channel connection) {
		this.codec = codec;
		this.connection = connection;
	}

	/**
	 * Begins to remember the streams of a connection. All calls but the first only return
	 * what is there.
	 * @param codec the codec of the connection
	 * @param connection the channel of the connection
	 * @return the handler
	 */
	static ResetStreams on(Http2FrameCodec codec, Channel connection) {
		ChannelPipeline pipeline = connection.pipeline();
		ResetStreams present = pipeline.get(ResetStreams.class);
		if (present != null) {
			return present;
		}
		ResetStreams handler = new ResetStreams(codec, connection);
		codec.connection().addListener(new Http2ConnectionAdapter() {

			@Override
			public void onStreamClosed(Http2Stream stream) {
				handler.onClosed(stream);
			}

		});
		pipeline.addAfter(pipeline.context(codec).name(), NAME, handler);
		return handler;
	}

	/** Returns the number of streams that the client may have open. */
	int allowedStreams() {
		int allowed = remote().maxActiveStreams();
		return (allowed == Integer.MAX_VALUE) ? allowed : allowed - this.streams.size();
	}

	/**
	 * Sends the end of a stream at once. Netty keeps it back during a flush, and behind
	 * what other streams send, although an end needs no window. The reset that follows
	 * would discard it there. Does nothing if other bytes of the stream wait, or if Netty
	 * has sent the end.
	 * @param frameStream the stream, whose end has been written
	 */
	void endNow(Http2FrameStream frameStream) {
		Http2Stream stream = this.codec.connection().stream(frameStream.id());
		if (stream != null && stream.state().localSideOpen()
				&& this.codec.encoder().flowController().hasFlowControlled(stream)) {
			ChannelPromise end = this.connection.newPromise();
			this.codec.encoder()
				.frameWriter()
				.writeData(codecContext(), stream.id(), Unpooled.EMPTY_BUFFER, 0, true, end);
			if (!stream.state().remoteSideOpen()) {
				// Both sides have ended it now, which makes the reset one too many.
				stream.close();
				// Closes a connection that has waited for its last stream.
				this.codec.closeStream(stream, end);
			}
		}
	}

	private ChannelHandlerContext codecContext() {
		return this.connection.pipeline().context(this.codec);
	}

	/** Discards what comes for a stream that has been reset. */
	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (!this.streams.isEmpty() && message instanceof Http2DataFrame data) {
			Http2Stream stream = streamOf(data);
			if (stream != null && this.streams.containsKey(stream)) {
				data.release();
				giveWindowBack(context, stream);
				return;
			}
		}
		context.fireChannelRead(message);
	}

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		if (!this.streams.isEmpty() && message instanceof Http2WindowUpdateFrame update
				&& isRemembered(streamOf(update))) {
			promise.trySuccess();
			return;
		}
		if (message instanceof Http2ResetFrame reset) {
			Http2Stream stream = streamOf(reset);
			if (isRemembered(stream) || isClosed(reset.stream())) {
				promise.trySuccess();
				return;
			}
			if (stream != null && isWorthwhile(stream, reset.errorCode())) {
				remember(context, stream, reset.errorCode(), promise.unvoid());
				return;
			}
			if (stream != null) {
				ChannelPromise observed = promise.unvoid();
				// The stream is closed already. This closes a connection that has waited
				// for its last stream.
				observed.addListener((written) -> this.codec.closeStream(stream, observed));
				context.write(message, observed);
				// Last: a channel whose output fails may close, and be reset once more.
				discardOutput(stream);
				return;
			}
		}
		context.write(message, promise);
	}

	private boolean isRemembered(@Nullable Http2Stream stream) {
		return stream != null && this.streams.containsKey(stream);
	}

	/**
	 * Whether both sides have ended a stream, so that no reset may follow. Netty keeps
	 * its channel as long as something that has come is not read.
	 */
	private boolean isClosed(@Nullable Http2FrameStream stream) {
		if (stream == null || !this.codec.connection().streamMayHaveExisted(stream.id())) {
			return false;
		}
		Http2Stream known = this.codec.connection().stream(stream.id());
		return known == null || known.state() == Http2Stream.State.CLOSED;
	}

	private @Nullable Http2Stream streamOf(Http2StreamFrame frame) {
		Http2FrameStream stream = frame.stream();
		return (stream != null) ? this.codec.connection().stream(stream.id()) : null;
	}

	/**
	 * Returns whether a client that behaves may have sent something. Netty has to count
	 * the resets with which errors are answered, and those that a client does not take.
	 */
	private boolean isWorthwhile(Http2Stream stream, long code) {
		return (code == Http2Error.CANCEL.code() || code == Http2Error.NO_ERROR.code()) && !stream.isResetSent()
				&& stream.state().remoteSideOpen() && remote().maxActiveStreams() != Integer.MAX_VALUE
				&& this.unwritten < MOST;
	}

	/**
	 * Sends a reset without telling Netty, which discards what comes for a stream without
	 * a channel. It counts the stream as one that is open; the client does not.
	 */
	private void remember(ChannelHandlerContext context, Http2Stream stream, long code, ChannelPromise promise) {
		if (this.streams.size() >= MOST) {
			forget(oldest());
		}
		this.streams.put(stream, nanoTime(context));
		remote().maxActiveStreams(remote().maxActiveStreams() + 1);
		giveWindowBack(context, stream);
		discardOutput(stream);
		this.unwritten++;
		this.codec.encoder()
			.frameWriter()
			.writeRstStream(codecContext(), stream.id(), code, promise)
			.addListener((written) -> {
				this.unwritten--;
				this.codec.closeStreamLocal(stream, promise);
				forgetLastSoon();
			});
		forgetLater(context);
	}

	/**
	 * Discards what waits to be written. Netty does so when the reset has left, and would
	 * write it behind the reset if it could before
	 * (<a href="https://www.rfc-editor.org/rfc/rfc9113#section-6.4">RFC 9113, section
	 * 6.4</a>).
	 */
	private static void discardOutput(Http2Stream stream) {
		if (stream.state().localSideOpen()) {
			stream.closeLocalSide();
		}
	}

	/**
	 * Gives back to the connection what has come for a stream and nobody will read. Netty
	 * does so when it forgets the stream, and others could not send until then. The
	 * window of the stream itself is not widened: nothing follows a reset.
	 */
	private void giveWindowBack(ChannelHandlerContext context, Http2Stream stream) {
		try {
			local().incrementWindowSize(stream, -local().initialWindowSize(stream));
			local().consumeBytes(stream, local().unconsumedBytes(stream));
		}
		catch (Http2Exception ex) {
			// Writing the update has failed, and the connection with it.
			context.pipeline().fireExceptionCaught(ex);
		}
	}

	private void forgetLater(ChannelHandlerContext context) {
		if (!this.scheduled && !this.streams.isEmpty()) {
			this.scheduled = true;
			long age = nanoTime(context) - Objects.requireNonNull(this.streams.get(oldest()));
			context.executor().schedule(() -> forgetOld(context), NANOS - age, TimeUnit.NANOSECONDS);
		}
	}

	private void forgetOld(ChannelHandlerContext context) {
		this.scheduled = false;
		long now = nanoTime(context);
		Map.copyOf(this.streams).forEach((stream, reset) -> {
			if (now - reset >= NANOS) {
				forget(stream);
			}
		});
		forgetLater(context);
	}

	private Http2Stream oldest() {
		return this.streams.keySet().iterator().next();
	}

	private void forget(Http2Stream stream) {
		if (this.streams.containsKey(stream)) {
			this.codec.closeStream(stream, this.connection.newSucceededFuture());
		}
	}

	private static long nanoTime(ChannelHandlerContext context) {
		return context.executor().ticker().nanoTime();
	}

	private void onClosed(Http2Stream stream) {
		if (this.streams.remove(stream) != null) {
			remote().maxActiveStreams(remote().maxActiveStreams() - 1);
		}
		else {
			forgetLastSoon();
		}
	}

	private Http2LocalFlowController local() {
		return this.codec.connection().local().flowController();
	}

	private Http2Connection.Endpoint<?> remote() {
		return this.codec.connection().remote();
	}

	/** A connection that is closed waits for its streams, but not for these. */
	@Override
	public void close(ChannelHandlerContext context, ChannelPromise promise) {
		this.closing = true;
		forgetLast();
		context.close(promise);
	}

	private void forgetLastSoon() {
		if (this.closing && !this.streams.isEmpty()) {
			// When what has been written before has been sent.
			this.connection.eventLoop().execute(this::forgetLast);
		}
	}

	private void forgetLast() {
		if (this.closing && this.unwritten == 0 && this.codec.connection().numActiveStreams() == this.streams.size()) {
			List.copyOf(this.streams.keySet()).forEach((stream) -> forget(stream));
		}
	}

}
