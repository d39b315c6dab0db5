package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpRequestDecoderSpec;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Watches the HTTP/1.1 connection of a client for upgrade requests, right behind the HTTP
 * codec. The bytes that follow such a request may be frames or HTTP; the answer decides.
 * Until then the HTTP decoder is removed, and the bytes are {@linkplain EarlyBytes kept}.
 * They are passed to the session, to another WebSocket handler that has answered with
 * 101, or to a new HTTP decoder if the upgrade is refused. After a refusal the connection
 * stays with HTTP/1.1, even if the server would let it switch to HTTP/2.
 * <p>
 * The headers of the server's 101 are spelled as in RFC 6455 on their way.
 */
public final class UpgradeWatch extends ChannelDuplexHandler {

	private static final String NAME = "wsPolicyUpgradeWatch";

	private static final String EARLY_BYTES = "wsPolicyEarlyBytes";

	private final HttpRequestDecoderSpec decoder;

	/** The number of requests whose answers have not ended. */
	private int unanswered;

	/** Whether the answer being written is a 1xx, which another one follows. */
	private boolean informational;

	/** Set from an upgrade request to its answer; no other request is read meanwhile. */
	private @Nullable EarlyBytes early;

	private UpgradeWatch(HttpRequestDecoderSpec decoder) {
		this.decoder = decoder;
	}

	/**
	 * Watches a connection of HTTP/1.1, or a stream of HTTP/2. Called for each request
	 * before it is handled; all calls but the first are ignored.
	 * @param connection the connection, which is also the request
	 * @param decoder how the server decodes requests
	 */
	public static void on(Connection connection, HttpRequestDecoderSpec decoder) {
		ChannelPipeline pipeline = connection.channel().pipeline();
		if (!(connection instanceof HttpServerRequest request) || pipeline.get(NAME) != null) {
			return;
		}
		StreamWatch.on(connection);
		ChannelHandlerContext codec = pipeline.context(HttpServerCodec.class);
		if (codec != null) {
			UpgradeWatch watch = new UpgradeWatch(decoder);
			pipeline.addAfter(codec.name(), NAME, watch);
			// The request has passed the place of this handler already.
			watch.onRequest(pipeline.context(watch), request.method(), request.version(), request.requestHeaders());
		}
	}

	/**
	 * Removes the watch from a channel whose session begins.
	 * @param channel the channel of a client
	 * @return what the client has sent behind its request, owned by the caller; null if
	 * nothing
	 */
	static @Nullable ByteBuf end(Channel channel) {
		ChannelPipeline pipeline = channel.pipeline();
		UpgradeWatch watch = pipeline.get(UpgradeWatch.class);
		if (watch == null) {
			return null;
		}
		EarlyBytes early = watch.early;
		watch.early = null;
		ByteBuf bytes = (early != null) ? early.take() : null;
		pipeline.remove(watch);
		if (early != null) {
			pipeline.remove(early);
		}
		return bytes;
	}

	private void onRequest(ChannelHandlerContext context, HttpMethod method, HttpVersion version, HttpHeaders headers) {
		this.unanswered++;
		if (this.early == null && HttpMethod.GET.equals(method) && HttpVersion.HTTP_1_1.equals(version)
				&& headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
				&& !hasBody(headers)) {
			keepWhatFollows(context);
		}
	}

	/** Whether there is a body to decode; such an upgrade is refused. */
	private static boolean hasBody(HttpHeaders headers) {
		return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
				|| headers.getAll(HttpHeaderNames.CONTENT_LENGTH).stream().anyMatch((length) -> !"0".equals(length));
	}

	private void keepWhatFollows(ChannelHandlerContext context) {
		ChannelHandlerContext codec = context.pipeline().context(HttpServerCodec.class);
		if (codec != null) {
			this.early = new EarlyBytes();
			context.pipeline().addBefore(codec.name(), EARLY_BYTES, this.early);
			// Fires what it has read behind the request: see channelRead.
			((HttpServerCodec) codec.handler()).removeInboundHandler();
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (message instanceof HttpRequest request) {
			onRequest(context, request.method(), request.protocolVersion(), request.headers());
		}
		else if (message instanceof ByteBuf bytes && this.early != null) {
			this.early.keep(context.pipeline().context(this.early), bytes);
			return;
		}
		context.fireChannelRead(message);
	}

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		boolean switching = false;
		if (message instanceof HttpResponse response) {
			int status = response.status().code();
			this.informational = status < 200;
			switching = status == HttpResponseStatus.SWITCHING_PROTOCOLS.code() && this.early != null;
			if (switching) {
				spellAsInTheRfc(response.headers());
			}
		}
		if (switching) {
			// A session of this library begins as soon as the 101 is written.
			ChannelPromise observed = promise.unvoid();
			context.write(message, observed);
			observed.addListener((written) -> context.executor().execute(() -> giveUp(context, false)));
			return;
		}
		boolean ends = message instanceof LastHttpContent && !this.informational;
		context.write(message, promise);
		if (ends && --this.unanswered == 0 && this.early != null) {
			// Not before the server has finished this request.
			context.executor().execute(() -> giveUp(context, true));
		}
	}

	private static void spellAsInTheRfc(HttpHeaders headers) {
		for (String name : new String[] { "Upgrade", "Connection", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol",
				"Sec-WebSocket-Extensions" }) {
			String value = headers.get(name);
			if (value != null) {
				headers.remove(name);
				headers.set(name, "Connection".equals(name) ? "Upgrade" : value);
			}
		}
	}

	/** Stops keeping bytes: the upgrade leads to no session of this library. */
	private void giveUp(ChannelHandlerContext context, boolean refused) {
		EarlyBytes early = this.early;
		if (early == null || context.isRemoved()) {
			return;
		}
		this.early = null;
		ChannelPipeline pipeline = context.pipeline();
		ChannelHandlerContext codec = pipeline.context(HttpServerCodec.class);
		if (refused && codec != null) {
			pipeline.replace(codec.handler(), codec.name(), new HttpServerCodec(decoderConfig()));
			// It knows the old codec only, and cannot replace a new one.
			if (pipeline.get(HttpServerUpgradeHandler.class) != null) {
				pipeline.remove(HttpServerUpgradeHandler.class);
			}
		}
		ChannelHandlerContext place = pipeline.context(early);
		ByteBuf bytes = early.take();
		pipeline.remove(early);
		if (!refused) {
			pipeline.remove(this);
		}
		if (early.hasStopped()) {
			context.channel().config().setAutoRead(true);
		}
		if (bytes != null) {
			// Last, since there may be another upgrade request in it.
			place.fireChannelRead(bytes);
			place.fireChannelReadComplete();
		}
	}

	/** Returns the configuration that Reactor Netty gives its own decoder. */
	// Reactor Netty deprecates a setting that it still uses.
	@SuppressWarnings("deprecation")
	private HttpDecoderConfig decoderConfig() {
		return new HttpDecoderConfig().setMaxInitialLineLength(this.decoder.maxInitialLineLength())
			.setMaxHeaderSize(this.decoder.maxHeaderSize())
			.setMaxChunkSize(this.decoder.maxChunkSize())
			.setValidateHeaders(this.decoder.validateHeaders())
			.setInitialBufferSize(this.decoder.initialBufferSize())
			.setAllowDuplicateContentLengths(this.decoder.allowDuplicateContentLengths())
			.setAllowPartialChunks(this.decoder.allowPartialChunks());
	}

}
