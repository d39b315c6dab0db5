package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * An upstream that has given its 101 and waits for the client to be given one. Frames
 * that came glued to the 101 are kept; nothing more is read.
 */
public final class UpstreamLeg extends ChannelInboundHandlerAdapter {

	private final Channel channel;

	private final HttpHeaders responseHeaders;

	private final @Nullable String subprotocol;

	private final @Nullable PerMessageDeflate deflate;

	private final List<Object> kept = new ArrayList<>(0);

	private boolean released;

	UpstreamLeg(Channel channel, HttpHeaders responseHeaders, @Nullable String subprotocol,
			@Nullable PerMessageDeflate deflate) {
		this.channel = channel;
		this.responseHeaders = responseHeaders;
		this.subprotocol = subprotocol;
		this.deflate = deflate;
	}

	/**
	 * The channel to the upstream.
	 * @return the channel
	 */
	public Channel channel() {
		return this.channel;
	}

	/**
	 * The headers of the 101.
	 * @return the headers
	 */
	public HttpHeaders responseHeaders() {
		return this.responseHeaders;
	}

	/**
	 * The subprotocol that the upstream has chosen.
	 * @return the name, or {@code null}
	 */
	public @Nullable String subprotocol() {
		return this.subprotocol;
	}

	/** What has been agreed upon about compression, if anything. */
	@Nullable PerMessageDeflate deflate() {
		return this.deflate;
	}

	/**
	 * Close the channel, unless it has its session: there will be none.
	 */
	public void discard() {
		if (!this.released) {
			this.channel.close();
		}
	}

	/** Let what was kept go to the handler that has been added behind this one. */
	void release() {
		this.released = true;
		ChannelHandlerContext context = this.channel.pipeline().context(this);
		if (context == null) {
			return;
		}
		List<Object> messages = List.copyOf(this.kept);
		this.kept.clear();
		messages.forEach(context::fireChannelRead);
		if (!messages.isEmpty()) {
			context.fireChannelReadComplete();
		}
		if (!this.channel.isActive()) {
			context.fireChannelInactive();
		}
		this.channel.pipeline().remove(this);
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		this.kept.add(message);
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		// Told at the release; until then there is nobody to tell.
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		this.kept.forEach(ReferenceCountUtil::release);
		this.kept.clear();
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		context.close();
	}

}
