package dev.wspolicy.netty;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * The window that all streams of an HTTP/2 connection share. By default it is as large as
 * that of a single stream, so that one session that takes nothing would keep its
 * neighbours from sending
 * (<a href="https://www.rfc-editor.org/rfc/rfc9113#section-6.9">RFC 9113, section
 * 6.9</a>).
 */
final class ConnectionWindow {

	/** The number of streams that Reactor Netty allows by default. */
	private static final int STREAMS = 100;

	private ConnectionWindow() {
	}

	/**
	 * Makes the window twice as large as the windows of all streams together. Those bound
	 * what is in memory. The other half is there because Netty gives back what has been
	 * read when it is half of the window: a single stream must reach that while all
	 * others are stalled.
	 * @param http2 the state of the connection
	 * @param channel the channel of the connection
	 * @param allowed the number of streams that the client may have open
	 */
	static void widen(Http2Connection http2, Channel channel, int allowed) {
		Http2LocalFlowController flow = http2.local().flowController();
		Http2Stream connection = http2.connectionStream();
		// Not limited before the client has acknowledged the settings
		long streams = (allowed == Integer.MAX_VALUE) ? STREAMS : Math.max(1, allowed);
		long wanted = Math.min(Http2CodecUtil.MAX_INITIAL_WINDOW_SIZE, 2 * streams * flow.initialWindowSize());
		long missing = wanted - flow.initialWindowSize(connection);
		if (missing > 0) {
			try {
				flow.incrementWindowSize(connection, (int) missing);
			}
			catch (Http2Exception ex) {
				// Writing the update has failed, and the connection with it.
				channel.pipeline().fireExceptionCaught(ex);
			}
			channel.flush();
		}
	}

}
