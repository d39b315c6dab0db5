package dev.wspolicy.netty;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

import dev.wspolicy.pipeline.Compression;

/**
 * The client's half of one opening handshake
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.1">RFC 6455, section
 * 4.1</a>), on top of a plain HTTP/1.1 request. This handler takes a 101, and the channel
 * with it: the HTTP client that has sent the request does not see the answer. Any other
 * answer passes like every HTTP response, so that a refusal can be relayed as a whole.
 * This handler also takes what fails before there is an answer, because the HTTP client
 * would log it with a stack trace, and the caller logs it already.
 */
public final class UpstreamHandshake extends ChannelDuplexHandler {

	private static final String NAME = "wsPolicyHandshake";

	private static final String CONNECTING = "wsPolicyConnecting";

	private static final String WAITING = "wsPolicyWaiting";

	private static final String SILENCE = "wsPolicySilence";

	private final UpgradeOffer offer;

	private final Duration patience;

	private final Consumer<UpstreamLeg> onOpen;

	private final Consumer<Throwable> onFailure;

	private @Nullable HttpResponse response;

	/** Whether this handler has been added to a channel. */
	private boolean used;

	/** Whether the handshake has ended, in one way or another. */
	private boolean over;

	/** Whether an informational answer, such as a 103, is being discarded. */
	private boolean informational;

	/**
	 * Creates a handshake.
	 * @param offered the subprotocols to offer
	 * @param compression whether to offer compression
	 * @param patience how long an open leg waits for its session
	 * @param onOpen called with the open leg, on its event loop
	 * @param onFailure called once with a failure, which an invalid 101 is too; the
	 * channel is closed
	 */
	public UpstreamHandshake(List<String> offered, Compression compression, Duration patience,
			Consumer<UpstreamLeg> onOpen, Consumer<Throwable> onFailure) {
		this(new UpgradeOffer(offered, compression), patience, onOpen, onFailure);
	}

	private UpstreamHandshake(UpgradeOffer offer, Duration patience, Consumer<UpstreamLeg> onOpen,
			Consumer<Throwable> onFailure) {
		this.offer = offer;
		this.patience = patience;
		this.onOpen = onOpen;
		this.onFailure = onFailure;
	}

	/**
	 * Sets the headers of the upgrade request.
	 * @param headers the headers to send
	 */
	public void writeTo(HttpHeaders headers) {
		this.offer.writeTo(headers);
	}

	/**
	 * Takes what fails on a channel before there is a request, such as the TLS handshake.
	 * @param channel the channel, not connected yet
	 */
	public void connectOn(Channel channel) {
		channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, CONNECTING, new Connecting());
	}

	/**
	 * Waits for the answer on a channel.
	 * @param channel the channel, whose request is about to be sent
	 */
	public void awaitOn(Channel channel) {
		ChannelPipeline pipeline = channel.pipeline();
		pipeline.addBefore(NettyPipeline.ReactiveBridge, NAME, this.used ? again() : this);
		this.used = true;
		if (pipeline.get(CONNECTING) != null) {
			pipeline.remove(CONNECTING);
		}
	}

	/**
	 * Returns a handler for another channel: a client that follows redirects uses two.
	 */
	private UpstreamHandshake again() {
		return new UpstreamHandshake(this.offer, this.patience, this.onOpen, this.onFailure);
	}

	/** Takes the failure of the request, for example because a proxy refuses. */
	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		promise.addListener((written) -> {
			if (!written.isSuccess()) {
				fail(context, written.cause());
			}
		});
		context.write(message, promise);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
		fail(context, failure);
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		fail(context, new UpstreamHandshakeException("the connection was closed before the answer"));
		context.fireChannelInactive();
	}

	private void fail(ChannelHandlerContext context, Throwable failure) {
		if (!this.over) {
			this.over = true;
			this.onFailure.accept(failure);
			context.close();
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (this.over) {
			ReferenceCountUtil.release(message);
		}
		else if (this.response == null && message instanceof HttpResponse answer) {
			onResponse(context, answer);
		}
		else if (this.informational) {
			skip(context, message);
		}
		else if (this.response != null) {
			onEndOfResponse(context, message, this.response);
		}
		else {
			context.fireChannelRead(message);
		}
	}

	private void onResponse(ChannelHandlerContext context, HttpResponse answer) {
		int status = answer.status().code();
		if (answer.decoderResult().isFailure()) {
			ReferenceCountUtil.release(answer);
			fail(context, answer.decoderResult().cause());
		}
		else if (status == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
			onSwitch(context, answer);
		}
		else if (status < 200) {
			this.informational = true;
			skip(context, answer);
		}
		else {
			context.fireChannelRead(answer);
			context.pipeline().remove(this);
			this.over = true;
		}
	}

	/** Discards a message, and reads on, because no handler behind this one sees it. */
	private void skip(ChannelHandlerContext context, Object message) {
		this.informational = !(message instanceof LastHttpContent);
		ReferenceCountUtil.release(message);
		context.read();
	}

	private void onSwitch(ChannelHandlerContext context, HttpResponse answer) {
		this.response = answer;
		String problem = this.offer.problemOf(answer.headers());
		if (problem != null) {
			ReferenceCountUtil.release(answer);
			fail(context, new UpstreamHandshakeException("the upstream's 101 is invalid: " + problem));
		}
		else if (answer instanceof LastHttpContent) {
			onEndOfResponse(context, answer, answer);
		}
	}

	private void onEndOfResponse(ChannelHandlerContext context, Object message, HttpResponse answer) {
		ReferenceCountUtil.release(message);
		if (!context.channel().isActive() || !(message instanceof LastHttpContent)) {
			return;
		}
		Channel channel = context.channel();
		channel.config().setAutoRead(false);
		UpstreamLeg leg = new UpstreamLeg(channel, answer.headers(), this.offer.agreedSubprotocol(answer.headers()),
				this.offer.agreedDeflate(answer.headers()));
		leg.expireIn(this.patience);
		takeOver(channel.pipeline(), leg);
		this.over = true;
		ReactorNettyDetacher.detach(channel);
		this.onOpen.accept(leg);
	}

	/**
	 * Watches the body of a refusal, which may have any length, but must not stall.
	 * @param channel the channel of the upstream
	 * @param patience how long the upstream may send nothing
	 * @param action called once when it has, on the event loop
	 */
	public static void onSilence(Channel channel, Duration patience, Runnable action) {
		channel.pipeline().addFirst(SILENCE, new Silence(patience, action));
	}

	/**
	 * Removes the handlers of HTTP. The codec passes what it has gathered to the leg.
	 */
	private void takeOver(ChannelPipeline pipeline, UpstreamLeg leg) {
		pipeline.addBefore(NAME, WAITING, leg);
		for (String name : List.of(NAME, NettyPipeline.ResponseTimeoutHandler, NettyPipeline.HttpDecompressor,
				NettyPipeline.HttpMetricsHandler, NettyPipeline.ReactiveBridge, NettyPipeline.HttpCodec)) {
			ChannelHandler handler = pipeline.get(name);
			if (handler != null) {
				pipeline.remove(handler);
			}
		}
	}

	/**
	 * Takes failures of a channel that is being connected, one of several perhaps.
	 */
	final class Connecting extends ChannelInboundHandlerAdapter {

		@Override
		public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
			UpstreamHandshake.this.onFailure.accept(failure);
			context.close();
		}

	}

	/**
	 * Acts once when the upstream has sent nothing for a time. If the event loop was
	 * blocked meanwhile, what the upstream has sent in time is read first.
	 */
	static final class Silence extends IdleStateHandler {

		private final Runnable action;

		private boolean silent;

		Silence(Duration patience, Runnable action) {
			super(patience.toNanos(), 0, 0, TimeUnit.NANOSECONDS);
			this.action = action;
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
			this.silent = false;
			super.channelRead(context, message);
		}

		@Override
		protected void channelIdle(ChannelHandlerContext context, IdleStateEvent event) {
			this.silent = true;
			LoopTimer.runInNextRound(context.executor(), () -> act(context));
		}

		private void act(ChannelHandlerContext context) {
			if (this.silent && !context.isRemoved()) {
				context.pipeline().remove(this);
				this.action.run();
			}
		}

	}

}
