package dev.wspolicy.netty;

import java.time.Duration;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ResetStreams} without a socket.
 */
class ResetStreamsTests {

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

}
