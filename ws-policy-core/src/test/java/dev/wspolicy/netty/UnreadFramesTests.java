package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2UnknownFrame;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what waits in a stream that is not being read, without a socket.
 */
class UnreadFramesTests {

	private static final int WINDOW = 65_535;

	private final Received received = new Received();

	private final EmbeddedStream stream = new EmbeddedStream(WINDOW, this.received);

	/** The number of bytes that the client has sent, each of which is its own number. */
	private int sent;

	@AfterEach
	void close() {
		this.stream.close();
		assertThat(this.received.bytes.release()).isTrue();
	}

	@Test
	void smallFramesThatAreNotReadAreJoined() {
		pause();
		for (int i = 0; i < 3000; i++) {
			send(1, false);
		}
		resume();
		assertReceived();
		// Those that have come before, and those that have all the others
		assertThat(this.received.buffers).isLessThan(5);
	}

	@Test
	void framesThatAreReadAreNotJoined() {
		for (int i = 0; i < 600; i++) {
			send(1, false);
		}
		assertReceived();
		assertThat(this.received.buffers).isEqualTo(600);
	}

	/** Window or not: they take up memory. */
	@Test
	void emptyFramesAreNotKept() {
		Waiting waiting = new Waiting();
		this.stream.gatewayStream().pipeline().addFirst(waiting);
		pause();
		for (int i = 0; i < 100; i++) {
			// Netty allows two in a row.
			this.stream.sendEmpty();
			this.stream.sendEmpty();
			send(1, false);
		}
		resume();
		assertReceived();
		assertThat(waiting.empty).isZero();
	}

	/** Their bytes are not counted by any window. */
	@Test
	void unknownFramesAreNotKept() {
		Waiting waiting = new Waiting();
		this.stream.gatewayStream().pipeline().addFirst(waiting);
		pause();
		for (int i = 0; i < 10; i++) {
			this.stream.sendUnknown(Unpooled.wrappedBuffer(new byte[16_000]));
		}
		send(1, false);
		resume();
		assertReceived();
		assertThat(waiting.unknown).isZero();
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 300, 5000, 16_384 })
	void largeFramesKeepTheirPlace(int large) {
		pause();
		for (int i = 0; i < 3; i++) {
			send(300, false);
			send(20, false);
			send(large, false);
			send(20, false);
			send(0, false);
			send(30, false);
		}
		resume();
		assertReceived();
	}

	@Test
	void windowIsGivenBack() {
		for (int round = 0; round < 3; round++) {
			pause();
			for (int i = 0; i < WINDOW / 100; i++) {
				send(100, false);
			}
			resume();
			assertReceived();
		}
		assertThat(this.sent).isGreaterThan(2 * WINDOW);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 5000 })
	void endOfTheStreamIsReported(int last) {
		pause();
		send(300, false);
		send(10, false);
		send(10, false);
		send(last, true);
		assertThat(this.received.ends).isZero();
		resume();
		assertReceived();
		assertThat(this.received.ends).isOne();
	}

	/** The buffers may belong to somebody else by then. */
	@Test
	void nothingIsJoinedToWhatHasBeenDropped() {
		pause();
		send(300, false);
		send(10, false);
		send(10, false);
		// The client does not know of it yet
		Channel channel = this.stream.gatewayStream();
		channel.unsafe().close(channel.voidPromise());
		ByteBuf other = channel.alloc().buffer();
		this.stream.sendUnheard(next(10));
		this.stream.sendUnheard(next(10));
		assertThat(other.readableBytes()).isZero();
		other.release();
	}

	private void pause() {
		// One read is pending
		this.stream.gatewayStream().config().setAutoRead(false);
		send(1, false);
	}

	private void resume() {
		this.stream.gatewayStream().config().setAutoRead(true);
		this.stream.exchange();
	}

	private void send(int length, boolean last) {
		this.stream.send(next(length), last);
	}

	private ByteBuf next(int length) {
		ByteBuf bytes = Unpooled.buffer(length);
		for (int i = 0; i < length; i++) {
			bytes.writeByte(this.sent++);
		}
		return bytes;
	}

	private void assertReceived() {
		ByteBuf bytes = this.received.bytes;
		assertThat(bytes.writerIndex()).isEqualTo(this.sent);
		for (int i = 0; i < this.sent; i++) {
			if (bytes.getByte(i) != (byte) i) {
				assertThat(bytes.getByte(i)).as("byte " + i).isEqualTo((byte) i);
			}
		}
	}

	/** Counts what has waited in the stream without a need. */
	private static final class Waiting extends ChannelInboundHandlerAdapter {

		private int empty;

		private int unknown;

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			if (message instanceof Http2DataFrame data && !data.content().isReadable()) {
				this.empty++;
			}
			if (message instanceof Http2UnknownFrame) {
				this.unknown++;
			}
			context.fireChannelRead(message);
		}

	}

	private static final class Received extends ChannelInboundHandlerAdapter {

		private final ByteBuf bytes = Unpooled.buffer();

		private int buffers;

		private int ends;

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			ByteBuf part = (ByteBuf) message;
			this.bytes.writeBytes(part);
			this.buffers++;
			part.release();
		}

		@Override
		public void userEventTriggered(ChannelHandlerContext context, Object event) {
			if (event == ChannelInputShutdownEvent.INSTANCE) {
				this.ends++;
			}
		}

	}

}
