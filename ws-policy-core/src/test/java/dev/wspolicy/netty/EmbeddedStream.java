package dev.wspolicy.netty;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2UnknownFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;

/**
 * The stream of a session in an HTTP/2 connection without a socket, both of whose ends
 * are Netty's. The gateway's end has a {@link StreamCodec}.
 */
final class EmbeddedStream implements AutoCloseable {

	private static final int FRAME_HEADER = 9;

	private final EmbeddedChannel client = new EmbeddedChannel(Http2FrameCodecBuilder.forClient().build(),
			new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));

	private final EmbeddedChannel gateway;

	/** What the client has received: numbers of bytes, END_STREAM, codes of resets. */
	private final List<String> received = new ArrayList<>();

	/** What the gateway has sent behind its 200, whatever the client made of it. */
	private final List<String> sent = new ArrayList<>();

	private final Http2StreamChannel clientStream;

	private Channel gatewayStream;

	/**
	 * Opens a stream.
	 * @param window the window of the gateway's stream
	 * @param handler stands behind the codec, where a session has its handler
	 */
	EmbeddedStream(int window, ChannelHandler handler) {
		Http2FrameCodec codec = Http2FrameCodecBuilder.forServer()
			// As Reactor Netty configures it
			.gracefulShutdownTimeoutMillis(-1)
			.initialSettings(Http2Settings.defaultSettings().initialWindowSize(window).maxConcurrentStreams(100))
			.build();
		this.gateway = new EmbeddedChannel(codec, new Http2MultiplexHandler(new ChannelInitializer<Channel>() {

			@Override
			protected void initChannel(Channel channel) {
				channel.pipeline().addLast(handler);
				StreamCodec.install(channel);
				EmbeddedStream.this.gatewayStream = channel;
			}

		}));
		this.gateway.freezeTime();
		UnreadFrames.joinOn(codec, this.gateway);
		ResetStreams.on(codec, this.gateway);
		exchange();
		this.clientStream = openStream(new ClientFrames());
		this.gatewayStream.pipeline()
			.context(StreamCodec.class)
			.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")));
		exchange();
		this.sent.clear();
	}

	/**
	 * Opens another stream, to which the client pays no attention.
	 * @return the client's end; the gateway's is the one that is returned from now on
	 */
	Channel openAnother() {
		return openStream(new ChannelInboundHandlerAdapter());
	}

	private Http2StreamChannel openStream(ChannelHandler handler) {
		Http2StreamChannel stream = new Http2StreamChannelBootstrap(this.client).handler(handler).open().getNow();
		stream.writeAndFlush(new DefaultHttp2HeadersFrame(
				new DefaultHttp2Headers().method("CONNECT").scheme("http").path("/").authority("localhost")));
		exchange();
		return stream;
	}

	/** Returns the gateway's end of the stream that was opened last. */
	Channel gatewayStream() {
		return this.gatewayStream;
	}

	/** Returns what the client has received in the stream behind the 200, in order. */
	List<String> received() {
		return this.received;
	}

	/** Returns the types of the frames that the gateway has sent behind the 200. */
	List<String> sent() {
		return this.sent;
	}

	/**
	 * Sends DATA frames from the client, which the gateway reads at once.
	 * @param lengths the lengths of the frames
	 */
	void send(int... lengths) {
		for (int length : lengths) {
			// Netty would make one frame of several that wait
			this.clientStream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[length])));
		}
		exchange();
	}

	/** Sends a DATA frame from the client, which the gateway reads at once. */
	void send(ByteBuf content, boolean last) {
		this.clientStream.writeAndFlush(new DefaultHttp2DataFrame(content, last));
		exchange();
	}

	/** Sends a DATA frame without bytes, as the client's Netty would not. */
	void sendEmpty() {
		Http2FrameCodec codec = this.client.pipeline().get(Http2FrameCodec.class);
		codec.encoder()
			.frameWriter()
			.writeData(this.client.pipeline().context(codec), this.clientStream.stream().id(), Unpooled.EMPTY_BUFFER, 0,
					false, this.client.newPromise());
		this.client.flush();
		exchange();
	}

	/** Sends a frame of a type that nobody knows. */
	void sendUnknown(ByteBuf content) {
		this.clientStream.writeAndFlush(new DefaultHttp2UnknownFrame((byte) 0xee, new Http2Flags(), content));
		exchange();
	}

	/** Sends a DATA frame from a client that has not heard what the gateway has said. */
	void sendUnheard(ByteBuf content) {
		this.clientStream.writeAndFlush(new DefaultHttp2DataFrame(content));
		pass(this.client, this.gateway);
	}

	/**
	 * Opens a stream without the client's Netty, which would not exceed the limit of
	 * streams.
	 * @param id the number of the stream
	 */
	void open(int id) {
		Http2FrameCodec codec = this.client.pipeline().get(Http2FrameCodec.class);
		codec.encoder()
			.frameWriter()
			.writeHeaders(this.client.pipeline().context(codec), id,
					new DefaultHttp2Headers().method("CONNECT").authority("localhost"), 0, false,
					this.client.newPromise());
		this.client.flush();
		pass(this.client, this.gateway);
	}

	/** Ends the client's stream. */
	void end() {
		this.clientStream.writeAndFlush(new DefaultHttp2DataFrame(true));
		exchange();
	}

	/** Returns the number of streams that the gateway's Netty knows. */
	int openStreams() {
		return http2().numActiveStreams();
	}

	/** Returns the number of streams that the client may have open. */
	int allowedStreams() {
		return this.gateway.pipeline().get(ResetStreams.class).allowedStreams();
	}

	/** Returns how much of the connection's window has not been given back. */
	int unconsumedBytes() {
		return http2().local().flowController().unconsumedBytes(http2().connectionStream());
	}

	private Http2Connection http2() {
		return codec().connection();
	}

	private Http2FrameCodec codec() {
		return this.gateway.pipeline().get(Http2FrameCodec.class);
	}

	/** Returns the gateway's end of the connection. */
	EmbeddedChannel gateway() {
		return this.gateway;
	}

	/** Lets time pass for the gateway. */
	void advance(Duration time) {
		this.gateway.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
		this.gateway.runPendingTasks();
		exchange();
	}

	/** Passes on what both ends have flushed, until neither has anything more to say. */
	void exchange() {
		boolean more = true;
		while (more) {
			more = pass(this.client, this.gateway) | pass(this.gateway, this.client);
		}
	}

	private boolean pass(EmbeddedChannel from, EmbeddedChannel to) {
		from.runPendingTasks();
		CompositeByteBuf bytes = Unpooled.compositeBuffer();
		for (ByteBuf part = from.readOutbound(); part != null; part = from.readOutbound()) {
			bytes.addComponent(true, part);
		}
		boolean any = bytes.isReadable();
		if (from == this.gateway) {
			describeFrames(bytes);
		}
		if (to.isOpen()) {
			to.writeInbound(bytes);
		}
		else {
			bytes.release();
		}
		return any;
	}

	private void describeFrames(ByteBuf bytes) {
		for (int at = 0; at < bytes.readableBytes(); at += FRAME_HEADER + bytes.getUnsignedMedium(at)) {
			this.sent.add(describe(bytes.getByte(at + 3), bytes.getByte(at + 4), bytes.getInt(at + 5)));
		}
	}

	private static String describe(byte type, byte flags, int stream) {
		return switch (type) {
			case Http2FrameTypes.DATA -> ((flags & 1) != 0) ? "END_STREAM" : "DATA";
			case Http2FrameTypes.RST_STREAM -> "RST_STREAM";
			case Http2FrameTypes.WINDOW_UPDATE -> "WINDOW_UPDATE of " + stream;
			case Http2FrameTypes.GO_AWAY -> "GOAWAY";
			default -> "type " + type;
		};
	}

	@Override
	public void close() {
		this.client.finishAndReleaseAll();
		this.gateway.finishAndReleaseAll();
	}

	private final class ClientFrames extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			if (message instanceof Http2DataFrame data) {
				if (data.content().isReadable()) {
					EmbeddedStream.this.received.add(data.content().readableBytes() + " bytes");
				}
				if (data.isEndStream()) {
					EmbeddedStream.this.received.add("END_STREAM");
				}
			}
			else if (!(message instanceof Http2HeadersFrame)) {
				EmbeddedStream.this.received.add(message.toString());
			}
			ReferenceCountUtil.release(message);
		}

		@Override
		public void userEventTriggered(ChannelHandlerContext context, Object event) {
			if (event instanceof Http2ResetFrame reset) {
				EmbeddedStream.this.received.add(String.valueOf(Http2Error.valueOf(reset.errorCode())));
			}
			ReferenceCountUtil.release(event);
		}

	}

}
