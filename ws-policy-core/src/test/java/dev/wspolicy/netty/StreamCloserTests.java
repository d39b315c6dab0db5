package dev.wspolicy.netty;

import java.util.function.Consumer;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StreamCloser} on a stream of Netty's, without a socket.
 */
class StreamCloserTests {

	private static final int WINDOW = 65_535;

	/** Netty defers all flushes of streams while it reads their connection. */
	@Test
	void clientIsShownTheEndBeforeTheResetIfTheConnectionIsBeingRead() {
		assertClosed((stream) -> stream.send(1));
	}

	@Test
	void clientIsShownTheEndBeforeTheResetOtherwise() {
		assertClosed((stream) -> stream.gatewayStream().pipeline().fireUserEventTriggered("close"));
	}

	/** Netty starts no flush while another one is under way. */
	@Test
	void clientIsShownTheEndBeforeTheResetIfTheConnectionIsBeingFlushed() {
		try (EmbeddedStream stream = new EmbeddedStream(WINDOW, new Closing())) {
			stream.gatewayStream().pipeline().fireUserEventTriggered("close when written");
			stream.exchange();
			assertThat(stream.sent()).containsExactly("DATA", "END_STREAM", "RST_STREAM");
			assertThat(stream.received()).containsExactly("100 bytes", "END_STREAM", "NO_ERROR");
		}
	}

	/** What is closed on both sides may not be reset. */
	@Test
	void clientThatHasEndedIsShownTheEndOnlyIfTheConnectionIsBeingFlushed() {
		Closing closing = new Closing();
		closing.reads = false;
		try (EmbeddedStream stream = new EmbeddedStream(WINDOW, closing)) {
			stream.gatewayStream().config().setAutoRead(false).setAutoClose(false);
			stream.send(1, 1, 1);
			stream.end();
			stream.gatewayStream().pipeline().fireUserEventTriggered("close when written");
			stream.exchange();
			assertThat(stream.sent()).containsExactly("DATA", "END_STREAM");
			assertThat(stream.openStreams()).isZero();
			assertThat(stream.gatewayStream().isOpen()).isFalse();
		}
	}

	private static void assertClosed(Consumer<EmbeddedStream> trigger) {
		Closing closing = new Closing();
		try (EmbeddedStream stream = new EmbeddedStream(WINDOW, closing)) {
			trigger.accept(stream);
			stream.exchange();
			assertThat(stream.received()).containsExactly("100 bytes", "END_STREAM", "NO_ERROR");
		}
	}

	private static final class Closing extends ChannelInboundHandlerAdapter {

		private boolean reads = true;

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			ReferenceCountUtil.release(message);
			if (this.reads) {
				close(context);
			}
		}

		@Override
		public void userEventTriggered(ChannelHandlerContext context, @Nullable Object event) {
			if ("close".equals(event)) {
				close(context);
			}
			else if ("close when written".equals(event)) {
				context.write(Unpooled.wrappedBuffer(new byte[100]))
					.addListener((written) -> new LegWriter(Side.CLIENT, context, null).closer().closeChannel());
				context.flush();
			}
		}

		private static void close(ChannelHandlerContext context) {
			LegWriter writer = new LegWriter(Side.CLIENT, context, null);
			writer.write(Unpooled.wrappedBuffer(new byte[100]));
			writer.closer().closeChannel();
		}

	}

}
