package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the window of a session's stream, without a socket.
 */
class StreamWindowTests {

	/** The window of a stream; as much as one DATA frame carries. */
	private static final int WINDOW = 16_384;

	private final EmbeddedChannel client = new EmbeddedChannel(Http2FrameCodecBuilder.forClient().build(),
			new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));

	private final EmbeddedChannel server = new EmbeddedChannel(Http2FrameCodecBuilder.forServer()
		.initialSettings(Http2Settings.defaultSettings().initialWindowSize(WINDOW))
		.build(), new Http2MultiplexHandler(new ChannelInitializer<Channel>() {

			@Override
			protected void initChannel(Channel channel) {
				channel.pipeline().addLast(new Received());
				StreamCodec.install(channel);
				StreamWindowTests.this.stream = channel;
			}

		}));

	/** The server's end of the stream. */
	private Channel stream;

	private Http2StreamChannel clientStream;

	private int received;

	@BeforeEach
	void openStream() {
		exchange();
		this.clientStream = new Http2StreamChannelBootstrap(this.client).handler(new ChannelInboundHandlerAdapter())
			.open()
			.getNow();
		this.clientStream.writeAndFlush(new DefaultHttp2HeadersFrame(
				new DefaultHttp2Headers().method("CONNECT").scheme("http").path("/").authority("localhost")));
		exchange();
	}

	@AfterEach
	void close() {
		this.client.finishAndReleaseAll();
		this.server.finishAndReleaseAll();
	}

	/** A client that waits for its window sends nothing that would lead to a flush. */
	@Test
	void readingOnTellsTheClientWhileAReadIsPending() {
		// One read is pending, and another one is requested
		this.stream.read();
		this.stream.config().setAutoRead(false);
		send(2 * WINDOW);
		assertThat(this.received).isEqualTo(WINDOW);
		this.stream.config().setAutoRead(true);
		exchange();
		assertThat(this.received).isEqualTo(2 * WINDOW);
	}

	private void send(int length) {
		this.clientStream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[length])));
		exchange();
	}

	/** Pass on what both ends have flushed, until neither has anything more to say. */
	private void exchange() {
		boolean more = true;
		while (more) {
			more = pass(this.client, this.server) | pass(this.server, this.client);
		}
	}

	private static boolean pass(EmbeddedChannel from, EmbeddedChannel to) {
		from.runPendingTasks();
		ByteBuf bytes = from.readOutbound();
		boolean any = bytes != null;
		while (bytes != null) {
			to.writeInbound(bytes);
			bytes = from.readOutbound();
		}
		return any;
	}

	private final class Received extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			ByteBuf bytes = (ByteBuf) message;
			StreamWindowTests.this.received += bytes.readableBytes();
			bytes.release();
		}

	}

}
