package dev.wspolicy.netty;

import java.time.Duration;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ResetStreams} without a socket.
 */
class ResetStreamsTests {

	/** How many control frames may wait. */
	private static final int CONTROL_FRAMES = 10_000;

	private static final Duration REMEMBERED = Duration.ofSeconds(5);

	@Test
	void streamIsForgottenAfterFiveSeconds() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new ChannelInboundHandlerAdapter())) {
			stream.gatewayStream().close();
			stream.exchange();
			assertThat(stream.received()).containsExactly("CANCEL");
			assertThat(stream.openStreams()).isOne();
			stream.advance(REMEMBERED.minusNanos(1));
			assertThat(stream.openStreams()).isOne();
			stream.advance(Duration.ofNanos(1));
			assertThat(stream.openStreams()).isZero();
		}
	}

	/** Other streams need the window. */
	@Test
	void windowOfTheConnectionIsGivenBackWithTheReset() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new ChannelInboundHandlerAdapter())) {
			stream.gatewayStream().config().setAutoRead(false);
			stream.send(1000, 16_000, 16_000);
			assertThat(stream.unconsumedBytes()).isPositive();
			stream.gatewayStream().close();
			assertThat(stream.unconsumedBytes()).isZero();
			stream.send(16_000, 16_000);
			assertThat(stream.unconsumedBytes()).isZero();
			assertThat(stream.received()).containsExactly("CANCEL");
			assertThat(stream.sent()).contains("RST_STREAM").doesNotContain("WINDOW_UPDATE of 3");
		}
	}

	@Test
	void nothingFollowsAReset() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new ChannelInboundHandlerAdapter())) {
			stream.gatewayStream().pipeline().write(Unpooled.wrappedBuffer(new byte[100]));
			stream.gatewayStream().close();
			stream.exchange();
			assertThat(stream.sent()).containsExactly("RST_STREAM");
			assertThat(stream.openStreams()).isOne();
		}
	}

	@Test
	void nothingFollowsAResetOfAStreamThatItsClientHasEnded() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new ChannelInboundHandlerAdapter())) {
			stream.end();
			stream.gatewayStream().pipeline().write(Unpooled.wrappedBuffer(new byte[100]));
			stream.gatewayStream().close();
			stream.exchange();
			assertThat(stream.sent()).containsExactly("RST_STREAM");
			assertThat(stream.openStreams()).isZero();
		}
	}

	@Test
	void closingConnectionDoesNotWaitForStreamsThatHaveBeenReset() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new ChannelInboundHandlerAdapter())) {
			stream.gateway().pipeline().close();
			stream.exchange();
			assertThat(stream.gateway().isOpen()).isTrue();
			stream.gatewayStream().close();
			stream.exchange();
			assertThat(stream.received()).containsExactly("CANCEL");
			assertThat(stream.gateway().isOpen()).isFalse();
		}
	}

	/** Netty's limit of frames that wait for a client that reads nothing. */
	@Test
	void connectionOfClientThatTakesNoResetsIsClosed() {
		Refusal refusal = new Refusal();
		try (EmbeddedStream stream = new EmbeddedStream(65_535, refusal)) {
			refusal.refuses = true;
			stream.gateway().pipeline().addFirst(new ChannelOutboundHandlerAdapter() {

				@Override
				public void flush(ChannelHandlerContext context) {
					// The client takes nothing.
				}

			});
			int id = 5;
			while (stream.gateway().isOpen() && id < 4 * CONTROL_FRAMES) {
				stream.open(id);
				id += 2;
			}
			assertThat(stream.gateway().isOpen()).isFalse();
		}
	}

	/** Both sides have ended it, but the gateway has not read everything. */
	@Test
	void closedStreamIsNotReset() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new ChannelInboundHandlerAdapter())) {
			stream.gatewayStream().config().setAutoRead(false);
			stream.send(1, 1, 1);
			stream.end();
			ChannelHandlerContext codec = stream.gatewayStream().pipeline().context(StreamCodec.class);
			codec.writeAndFlush(new DefaultHttp2DataFrame(true));
			stream.exchange();
			assertThat(stream.openStreams()).isZero();
			assertThat(stream.gatewayStream().isActive()).isTrue();
			codec.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
			stream.gatewayStream().close();
			stream.exchange();
			assertThat(stream.sent()).containsExactly("END_STREAM");
		}
	}

	/** As a stream of HTTP is closed when a write fails, with a reset of its own. */
	@Test
	void resetIsNotFollowedByThatOfTheOutputThatItDiscards() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new ChannelInboundHandlerAdapter())) {
			ChannelHandlerContext codec = stream.gatewayStream().pipeline().context(StreamCodec.class);
			codec.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[100])));
			codec.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR));
			stream.exchange();
			assertThat(stream.sent()).containsExactly("RST_STREAM");
			assertThat(stream.received()).containsExactly("PROTOCOL_ERROR");
			assertThat(stream.openStreams()).isZero();
		}
	}

	@Test
	void resetOfStreamThatItsClientHasEndedIsNotFollowedByAnother() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new ChannelInboundHandlerAdapter())) {
			stream.gatewayStream().config().setAutoRead(false);
			stream.send(1, 1, 1);
			stream.end();
			ChannelHandlerContext codec = stream.gatewayStream().pipeline().context(StreamCodec.class);
			codec.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[100])));
			codec.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
			stream.exchange();
			assertThat(stream.sent()).containsExactly("RST_STREAM");
			assertThat(stream.received()).containsExactly("NO_ERROR");
			assertThat(stream.openStreams()).isZero();
		}
	}

	@ChannelHandler.Sharable
	private static final class Refusal extends ChannelInboundHandlerAdapter {

		private boolean refuses;

		@Override
		public void channelReadComplete(ChannelHandlerContext context) {
			if (this.refuses) {
				context.close();
			}
		}

	}

}
