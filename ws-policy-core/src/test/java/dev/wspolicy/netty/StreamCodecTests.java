package dev.wspolicy.netty;

import java.util.Arrays;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StreamCodec} on a stream of Netty's, without a socket.
 */
class StreamCodecTests {

	private static final int READS_AT_ONCE = 16;

	private final Reads reads = new Reads();

	private final EmbeddedStream stream = new EmbeddedStream(65_535, this.reads);

	@AfterEach
	void close() {
		this.stream.close();
	}

	@Test
	void framesOfOneReadAreReadTogetherThroughoutTheLifeOfAStream() {
		for (int round = 0; round < 5; round++) {
			this.reads.completed = 0;
			sendFrames(READS_AT_ONCE - 1);
			assertThat(this.reads.completed).isOne();
		}
		assertThat(this.reads.bytes).isEqualTo(5 * (READS_AT_ONCE - 1));
	}

	@Test
	void oneReadTakesNoMoreThanSixteenFrames() {
		this.reads.completed = 0;
		sendFrames(4 * READS_AT_ONCE);
		assertThat(this.reads.completed).isEqualTo(4);
	}

	private void sendFrames(int count) {
		int[] lengths = new int[count];
		Arrays.fill(lengths, 1);
		this.stream.send(lengths);
	}

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
