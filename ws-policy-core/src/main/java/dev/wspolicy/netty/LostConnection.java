package dev.wspolicy.netty;

import java.io.IOException;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http2.Http2Exception;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Stands at the end of an HTTP/2 connection whose client has reset it, or has violated
 * HTTP/2 or TLS, which any client may do. The sessions learn of it when the connection
 * closes. Netty would also log a warning with a stack trace.
 */
@Sharable
final class LostConnection extends ChannelInboundHandlerAdapter {

	private static final Log logger = LogFactory.getLog(LostConnection.class);

	private static final String NAME = "wsPolicyLostConnection";

	private static final LostConnection INSTANCE = new LostConnection();

	private LostConnection() {
	}

	/**
	 * Takes a place at the end of a connection. All calls but the first are ignored.
	 * @param connection the pipeline of the connection
	 */
	static void expectOn(ChannelPipeline connection) {
		if (connection.get(NAME) == null) {
			connection.addLast(NAME, INSTANCE);
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		boolean broken = cause instanceof CodecException;
		if (broken || cause instanceof IOException || cause instanceof Http2Exception) {
			logger.debug("The HTTP/2 connection " + context.channel() + " failed", cause);
		}
		else {
			context.fireExceptionCaught(cause);
		}
		if (broken) {
			// Netty closes it in the other cases, but not for what is not TLS.
			context.close();
		}
	}

}
