package dev.wspolicy.netty;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

import dev.wspolicy.pipeline.Compression;

/**
 * The client's half of one opening handshake
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.1">RFC 6455, section
 * 4.1</a>), above a plain HTTP/1.1 request. A 101 is taken here, and the channel with it:
 * the HTTP client that dialled is not told. Any other answer goes the way of all HTTP
 * responses, so that a refusal can be relayed whole. What fails before there is an answer
 * is taken here too: the HTTP client would log it, with a stack trace, and who dials logs
 * it already.
 */
public final class UpstreamHandshake extends ChannelDuplexHandler {

	private static final String NAME = "wsPolicyHandshake";

	private static final String CONNECTING = "wsPolicyConnecting";

	private static final String WAITING = "wsPolicyWaiting";

	private static final String ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

	private final String key = newKey();

	private final List<String> offered;

	private final Compression compression;

	private final Consumer<UpstreamLeg> onOpen;

	private final Consumer<Throwable> onFailure;

	private @Nullable HttpResponse response;

	/** It has failed, or the answer is somebody else's business. */
	private boolean over;

	/** An answer before the answer, 103 for one, is being read over. */
	private boolean informational;

	/**
	 * A handshake.
	 * @param offered the subprotocols that are offered
	 * @param compression whether compression is offered
	 * @param onOpen told of the open leg, on its event loop
	 * @param onFailure told once of a failure, or a 101 that is none; the channel is
	 * closed
	 */
	public UpstreamHandshake(List<String> offered, Compression compression, Consumer<UpstreamLeg> onOpen,
			Consumer<Throwable> onFailure) {
		this.offered = List.copyOf(offered);
		this.compression = compression;
		this.onOpen = onOpen;
		this.onFailure = onFailure;
	}

	/**
	 * Set the headers of the request.
	 * @param headers the headers to send
	 */
	public void writeTo(HttpHeaders headers) {
		headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
		headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
		headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
		headers.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, this.key);
		if (!this.offered.isEmpty()) {
			headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, String.join(", ", this.offered));
		}
		String extensions = PerMessageDeflate.offer(this.compression);
		if (extensions != null) {
			headers.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, extensions);
		}
	}

	/**
	 * Take what fails on a channel before there is a request: TLS.
	 * @param channel the channel, not connected yet
	 */
	public void connectOn(Channel channel) {
		channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, CONNECTING, new Connecting());
	}

	/**
	 * Wait for the answer on a channel.
	 * @param channel the channel, its request about to be sent
	 */
	public void awaitOn(Channel channel) {
		ChannelPipeline pipeline = channel.pipeline();
		pipeline.addBefore(NettyPipeline.ReactiveBridge, NAME, this);
		if (pipeline.get(CONNECTING) != null) {
			pipeline.remove(CONNECTING);
		}
	}

	/** A proxy that refuses, for one, makes the request fail before all else. */
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
		else if (status > 101 && status < 200) {
			this.informational = true;
			skip(context, answer);
		}
		else {
			context.fireChannelRead(answer);
			context.pipeline().remove(this);
			this.over = true;
		}
	}

	/** Nobody behind this handler hears of it, so nobody asks for what follows. */
	private void skip(ChannelHandlerContext context, Object message) {
		this.informational = !(message instanceof LastHttpContent);
		ReferenceCountUtil.release(message);
		context.read();
	}

	private void onSwitch(ChannelHandlerContext context, HttpResponse answer) {
		this.response = answer;
		String problem = problemOf(answer.headers());
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
		UpstreamLeg leg = new UpstreamLeg(channel, answer.headers(),
				answer.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL), agreedDeflate(answer.headers()));
		takeOver(channel.pipeline(), leg);
		this.over = true;
		ReactorBond.cut(channel);
		this.onOpen.accept(leg);
	}

	private @Nullable String problemOf(HttpHeaders headers) {
		if (!headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
			return "no 'Upgrade: websocket'";
		}
		if (!headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
			return "no 'Connection: upgrade'";
		}
		if (!List.of(acceptOf(this.key)).equals(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT))) {
			return "wrong Sec-WebSocket-Accept";
		}
		List<String> subprotocols = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
		if (subprotocols.size() > 1) {
			return "more than one subprotocol";
		}
		if (!this.offered.containsAll(subprotocols)) {
			return "a subprotocol that was not offered";
		}
		if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS) && agreedDeflate(headers) == null) {
			return "an extension that was not offered";
		}
		return null;
	}

	private @Nullable PerMessageDeflate agreedDeflate(HttpHeaders headers) {
		List<String> extensions = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
		return extensions.isEmpty() ? null : PerMessageDeflate.agreed(extensions, this.compression);
	}

	/**
	 * Leave nothing of HTTP in the pipeline. What the codec has gathered goes to the leg.
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

	private static String newKey() {
		byte[] nonce = new byte[16];
		ThreadLocalRandom.current().nextBytes(nonce);
		return Base64.getEncoder().encodeToString(nonce);
	}

	/**
	 * The answer that proves that a key was understood.
	 * @param key the value of {@code Sec-WebSocket-Key}
	 * @return the value of {@code Sec-WebSocket-Accept}
	 */
	private static String acceptOf(String key) {
		try {
			MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
			byte[] digest = sha1.digest((key + ACCEPT_GUID).getBytes(StandardCharsets.US_ASCII));
			return Base64.getEncoder().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every JDK has SHA-1", ex);
		}
	}

	/**
	 * Takes failures of one of the channels that may be tried.
	 */
	private final class Connecting extends ChannelInboundHandlerAdapter {

		@Override
		public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
			fail(context, failure);
		}

	}

}
