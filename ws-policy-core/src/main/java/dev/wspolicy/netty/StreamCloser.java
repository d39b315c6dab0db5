package dev.wspolicy.netty;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2StreamChannel;

/**
 * Ends a leg that is a stream of an HTTP/2 connection. END_STREAM stands for a FIN, and
 * RST_STREAM with CANCEL for a reset
 * (<a href="https://www.rfc-editor.org/rfc/rfc8441">RFC 8441, section 5</a>).
 */
final class StreamCloser extends LegCloser {

	private final StreamCodec codec;

	StreamCloser(LegWriter writer, StreamCodec codec) {
		super(writer);
		this.codec = codec;
	}

	@Override
	long unwritten() {
		return this.codec.unwritten();
	}

	@Override
	long taken(long written) {
		return written - this.codec.unwritten();
	}

	/** Returns the window of the stream. */
	@Override
	int receiveBuffer() {
		Http2FrameCodec connection = connection();
		return (connection != null) ? connection.connection().local().flowController().initialWindowSize() : 0;
	}

	@Override
	boolean sharesReads() {
		return true;
	}

	@Override
	void flush() {
		context().flush();
	}

	@Override
	void flushNow() {
		context().flush();
		// Netty does not flush the connection for a stream while it reads.
		context().channel().parent().flush();
	}

	@Override
	void endStream() {
		if (context().channel().isActive()) {
			this.codec.endOutput();
			context().writeAndFlush(new DefaultHttp2DataFrame(true));
		}
	}

	/**
	 * Ends the gateway's stream if it has not ended. A client that has not ended its own
	 * is asked to with NO_ERROR, which does not make it discard what it has been sent
	 * (<a href="https://www.rfc-editor.org/rfc/rfc9113#section-8.1">RFC 9113, section
	 * 8.1</a>).
	 */
	@Override
	void closeChannel() {
		if (!hasOutputEnded()) {
			endStream();
		}
		flushNow();
		if (!hasInputEnded() && context().channel().isActive()) {
			// The reset would overtake END_STREAM and discard it.
			ResetStreams resets = context().channel().parent().pipeline().get(ResetStreams.class);
			if (resets != null && unwritten() == 0 && context().channel() instanceof Http2StreamChannel stream) {
				resets.endNow(stream.stream());
			}
			context().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
		}
		closeStream();
	}

	@Override
	void reset() {
		// Netty sends RST_STREAM(CANCEL) for a stream that is still open.
		closeStream();
	}

	private void closeStream() {
		Channel channel = context().channel();
		channel.unsafe().close(channel.voidPromise());
	}

	@Override
	void awaitNothing() {
		// What has failed no longer waits.
	}

	/**
	 * Tells the client with GOAWAY to open its next streams on another connection. Those
	 * of this one live on. Sent once for all of them
	 * (<a href="https://www.rfc-editor.org/rfc/rfc9113#section-6.8">RFC 9113, section
	 * 6.8</a>).
	 */
	void announceDrain() {
		Http2FrameCodec connection = connection();
		if (connection != null && !connection.connection().goAwaySent()) {
			context().channel().parent().writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
		}
	}

	private Http2FrameCodec connection() {
		return context().channel().parent().pipeline().get(Http2FrameCodec.class);
	}

}
