package dev.wspolicy.netty;

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
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StreamCodec} on a stream of Netty's, without a socket.
 */
class StreamCodecTests {

	private static final int READS_AT_ONCE = 16;

	private final Http2ChannelDuplexHandler streams = new Http2ChannelDuplexHandler() {
	};

	private final EmbeddedChannel client = new EmbeddedChannel(Http2FrameCodecBuilder.forClient().build(),
			this.streams);

	private final Reads reads = new Reads();

	private final EmbeddedChannel server = new EmbeddedChannel(Http2FrameCodecBuilder.forServer().build(),
			new Http2MultiplexHandler(new ChannelInitializer<Channel>() {

				@Override
				protected void initChannel(Channel stream) {
					stream.pipeline().addLast(StreamCodecTests.this.reads);
					StreamCodec.install(stream);
				}

			}));

	private final Http2FrameStream stream = this.streams.newStream();

	@AfterEach
	void close() {
		this.client.finishAndReleaseAll();
		this.server.finishAndReleaseAll();
	}

	@Test
	void framesOfOneReadAreReadTogetherThroughoutTheLifeOfAStream() {
		open();
		for (int round = 0; round < 5; round++) {
			this.reads.completed = 0;
			sendFrames(READS_AT_ONCE - 1);
			assertThat(this.reads.completed).isOne();
		}
		assertThat(this.reads.bytes).isEqualTo(5 * (READS_AT_ONCE - 1));
	}

	@Test
	void oneReadTakesNoMoreThanSixteenFrames() {
		open();
		this.reads.completed = 0;
		sendFrames(4 * READS_AT_ONCE);
		assertThat(this.reads.completed).isEqualTo(4);
	}

	private void open() {
		this.client.writeOutbound(new DefaultHttp2HeadersFrame(
				new DefaultHttp2Headers().method("GET").scheme("http").path("/").authority("localhost"))
			.stream(this.stream));
		transfer();
	}

	private void sendFrames(int count) {
		for (int i = 0; i < count; i++) {
			this.client
				.writeOutbound(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[1])).stream(this.stream));
		}
		transfer();
	}

	/** Lets the server read all that the client has written at once. */
	private void transfer() {
		CompositeByteBuf bytes = Unpooled.compositeBuffer();
		for (ByteBuf part = this.client.readOutbound(); part != null; part = this.client.readOutbound()) {
			bytes.addComponent(true, part);
		}
		this.server.writeInbound(bytes);
	}

	@ChannelHandler.Sharable
	private static final class Reads extends ChannelInboundHandlerAdapter {

		private int completed;

		private int bytes;

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			if (message instanceof ByteBuf buffer) {
				this.bytes += buffer.readableBytes();
				buffer.release();
			}
		}

		@Override
		public void channelReadComplete(ChannelHandlerContext context) {
			this.completed++;
		}

	}

}
