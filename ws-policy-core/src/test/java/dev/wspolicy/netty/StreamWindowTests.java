package dev.wspolicy.netty;

import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the window of a session's stream, without a socket.
 */
class StreamWindowTests {

	/** The window of a stream; as much as one DATA frame carries. */
	private static final int WINDOW = 16_384;

	private final AtomicInteger received = new AtomicInteger();

	private final EmbeddedStream stream = new EmbeddedStream(WINDOW, new Received());

	@AfterEach
	void close() {
		this.stream.close();
	}

	/** A client that waits for its window sends nothing that would lead to a flush. */
	@Test
	void readingOnTellsTheClientWhileAReadIsPending() {
		Channel channel = this.stream.gatewayStream();
		// One read is pending, and another one is requested
		channel.read();
		channel.config().setAutoRead(false);
		this.stream.send(2 * WINDOW);
		assertThat(this.received).hasValue(WINDOW);
		channel.config().setAutoRead(true);
		this.stream.exchange();
		assertThat(this.received).hasValue(2 * WINDOW);
	}

	private final class Received extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			ByteBuf bytes = (ByteBuf) message;
			StreamWindowTests.this.received.addAndGet(bytes.readableBytes());
			bytes.release();
		}

	}

}
