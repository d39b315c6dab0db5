package dev.wspolicy.netty;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CodecException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;

/**
 * The end of one leg's pipeline: hands what the channel reads to the relay, and lets
 * nothing through to what the pipeline was before the handshake.
 */
final class LegHandler extends ChannelInboundHandlerAdapter {

	static final String NAME = "wsPolicyLeg";

	private static final Log logger = LogFactory.getLog(LegHandler.class);

	private final Side side;

	private @Nullable RelayDriver driver;

	/** Looks whether a frame goes on; set as long as it waits. */
	private @Nullable Future<?> stallCheck;

	LegHandler(Side side) {
		this.side = side;
	}

	/** Begin to work; called before the channel reads on. */
	void attach(RelayDriver driver) {
		this.driver = driver;
	}

	private RelayDriver driver() {
		return Objects.requireNonNull(this.driver);
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (message instanceof ByteBuf bytes) {
			driver().onRead(this.side, System.nanoTime());
			try {
				driver().read(this.side, bytes);
			}
			catch (RuntimeException ex) {
				driver().fail(ex);
			}
		}
		else {
			ReferenceCountUtil.release(message);
		}
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext context) {
		driver().flush();
		if (this.stallCheck == null && driver().isMidFrame(this.side)) {
			checkProgressIn(context, driver().frameTimeoutNanos());
		}
	}

	/** A frame that has begun must go on; looked at only when one is cut by a read. */
	private void checkProgressIn(ChannelHandlerContext context, long nanos) {
		this.stallCheck = context.executor().schedule(() -> {
			this.stallCheck = null;
			if (!driver().isMidFrame(this.side) || !context.channel().isActive()) {
				return;
			}
			long timeout = driver().frameTimeoutNanos();
			boolean paused = !context.channel().config().isAutoRead();
			long quiet = paused ? 0 : System.nanoTime() - driver().lastHeard(this.side);
			if (quiet < timeout) {
				checkProgressIn(context, timeout - quiet);
			}
			else {
				driver().onStalled(this.side);
			}
		}, nanos, TimeUnit.NANOSECONDS);
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext context) {
		driver().onWritabilityChanged(this.side);
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		if (this.stallCheck != null) {
			// It would keep the session in memory for as long as a frame may take.
			this.stallCheck.cancel(false);
			this.stallCheck = null;
		}
		driver().onInactive(this.side);
		context.fireChannelInactive();
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event instanceof SslCloseCompletionEvent) {
			// TLS has ended, even if TCP has not.
			context.close();
		}
		ReferenceCountUtil.release(event);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		String message = "Session " + driver().sessionId() + ": " + this.side + " leg failed";
		if (cause instanceof IOException || cause instanceof CodecException) {
			// What peers and networks do.
			logger.debug(message, cause);
		}
		else {
			logger.warn(message, cause);
		}
		context.close();
	}

}
