package dev.wspolicy.netty;

import java.time.Duration;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.ReferenceCountUtil;
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

	@Test
	void eachStreamIsForgottenAfterFiveSeconds() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new Refusal())) {
			Channel first = stream.gatewayStream();
			stream.openAnother();
			first.close();
			stream.advance(REMEMBERED.dividedBy(2));
			stream.gatewayStream().close();
			stream.advance(REMEMBERED.dividedBy(2));
			assertThat(stream.openStreams()).isOne();
			stream.advance(REMEMBERED.dividedBy(2));
			assertThat(stream.openStreams()).isZero();
		}
	}

	/** The client does not count those that have been reset. */
	@Test
	void clientMayHaveAsManyStreamsAsBefore() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new ChannelInboundHandlerAdapter())) {
			int allowed = stream.allowedStreams();
			stream.gatewayStream().close();
			stream.exchange();
			assertThat(stream.openStreams()).isOne();
			assertThat(stream.allowedStreams()).isEqualTo(allowed);
			stream.advance(REMEMBERED);
			assertThat(stream.openStreams()).isZero();
			assertThat(stream.allowedStreams()).isEqualTo(allowed);
		}
	}

	@Test
	void onlyTheLatestStreamsAreRemembered() {
		Refusal refusal = new Refusal();
		try (EmbeddedStream stream = new EmbeddedStream(65_535, refusal)) {
			refusal.refuses = true;
			for (int id = 5; id < 505; id += 2) {
				stream.open(id);
			}
			assertThat(stream.gateway().isOpen()).isTrue();
			// The first one has not been reset.
			assertThat(stream.openStreams()).isEqualTo(101);
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

	/** Otherwise the streams that others have not read yet would lack it. */
	@Test
	void windowOfTheConnectionIsGivenBackOnceIfTheStreamIsResetWhileItIsRead() {
		Refusal refusal = new Refusal();
		try (EmbeddedStream stream = new EmbeddedStream(65_535, refusal)) {
			Channel unread = stream.gatewayStream();
			unread.config().setAutoRead(false);
			stream.send(1, 16_000);
			int before = stream.unconsumedBytes();
			assertThat(before).isGreaterThanOrEqualTo(16_000);
			Channel another = stream.openAnother();
			refusal.refuses = true;
			another.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[1000])));
			stream.exchange();
			assertThat(stream.sent()).contains("RST_STREAM");
			assertThat(stream.unconsumedBytes()).isEqualTo(before);
			unread.close();
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

	/** Its client would take the stream for one that the connection has lost. */
	@Test
	void closingConnectionWaitsUntilAResetHasLeft() {
		try (EmbeddedStream stream = new EmbeddedStream(65_535, new Refusal())) {
			Channel first = stream.gatewayStream();
			Channel another = stream.openAnother();
			stream.gateway().pipeline().close();
			stream.exchange();
			ChannelHandler full = new ChannelOutboundHandlerAdapter() {

				@Override
				public void flush(ChannelHandlerContext context) {
					// The client takes nothing.
				}

			};
			stream.gateway().pipeline().addFirst(full);
			first.close();
			another.close();
			stream.exchange();
			assertThat(stream.gateway().isOpen()).isTrue();
			stream.gateway().pipeline().remove(full);
			stream.gateway().flush();
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
		public void channelRead(ChannelHandlerContext context, Object message) {
			ReferenceCountUtil.release(message);
			if (this.refuses) {
				context.close();
			}
		}

		@Override
		public void channelReadComplete(ChannelHandlerContext context) {
			if (this.refuses) {
				context.close();
			}
		}

	}

}
