package dev.wspolicy.netty;

import java.io.IOException;
import java.util.Objects;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;

/**
 * The last handler of one leg's pipeline. Passes on what the channel reads and what
 * happens to it, and hides both from the handlers that served the handshake.
 */
final class LegHandler extends ChannelInboundHandlerAdapter {

	static final String NAME = "wsPolicyLeg";

	private static final Log logger = LogFactory.getLog(LegHandler.class);

	private final Side side;

	/** Drives the direction in which this leg is the source. */
	private @Nullable DirectionDriver fromLeg;

	LegHandler(Side side) {
		this.side = side;
	}

	/** Starts to pass on what the channel reads; called before it reads on. */
	void attach(RelayDriver driver) {
		this.fromLeg = driver.from(this.side);
	}

	private RelayDriver driver() {
		return fromLeg().session();
	}

	private DirectionDriver fromLeg() {
		return Objects.requireNonNull(this.fromLeg);
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (message instanceof ByteBuf bytes) {
			fromLeg().read(bytes);
		}
		else {
			ReferenceCountUtil.release(message);
		}
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext context) {
		fromLeg().onReadComplete();
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext context) {
		driver().onWritabilityChanged(this.side);
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		driver().onInactive(this.side);
		context.fireChannelInactive();
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event instanceof ChannelInputShutdownEvent) {
			fromLeg().onSourceEnded();
		}
		else if (event instanceof ChannelOutputShutdownEvent) {
			fromLeg().onSourceOutputEnded();
		}
		else if (event instanceof SslCloseCompletionEvent) {
			onTlsEnd(context);
		}
		ReferenceCountUtil.release(event);
	}

	/** TLS has ended, even if TCP has not: in TLS 1.2 for both sides, later for one. */
	private void onTlsEnd(ChannelHandlerContext context) {
		SslHandler tls = context.pipeline().get(SslHandler.class);
		if (tls == null || tls.engine().isOutboundDone()) {
			context.close();
		}
		else {
			fromLeg().onSourceEnded();
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		if (cause instanceof ChannelOutputShutdownException) {
			// A write has failed; an event reports the end of the output.
			return;
		}
		String message = "Session " + driver().sessionId() + ": " + this.side + " leg failed";
		if (cause instanceof IOException || cause instanceof CodecException || cause instanceof Http2Exception) {
			// Peers and networks fail like this every day.
			logger.debug(message, cause);
		}
		else {
			logger.warn(message, cause);
		}
		context.close();
	}

}
