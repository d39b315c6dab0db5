package dev.wspolicy.netty;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What waits on compressed legs, and for whom.
 */
class CompressionFlowTests extends AbstractCompressionTests {

	@Test
	void messageThatIsNotWholeYetIsActivity() {
		open(agreement(true), null);
		byte[] message = this.client.message(WireFrame.TEXT, "not so long".getBytes(StandardCharsets.UTF_8))
			.masked()
			.encode();
		long before = this.session.driver().relay().status().lastData();
		channel(Side.CLIENT).writeInbound(Unpooled.copiedBuffer(message, 0, message.length / 2));
		assertThat(read(Side.UPSTREAM)).isEmpty();
		assertThat(this.session.driver().relay().status().lastData()).isGreaterThan(before);
	}

	@Test
	void tellsOfWhatIsNotInflatedYet() {
		open(agreement(true), null);
		channel(Side.UPSTREAM).unsafe().outboundBuffer().setUserDefinedWritability(1, false);
		WireFrame message = this.client.message(WireFrame.BINARY, sparse());
		assertThat(message.payload().length).isGreaterThan(32 * 1024);
		fromClient(message);
		assertThat(this.session.driver().buffered(Side.UPSTREAM)).isBetween(message.payload().length - 16 * 1024L,
				(long) message.masked().encode().length);
		assertThat(this.session.driver().buffered(Side.CLIENT)).isZero();
		channel(Side.UPSTREAM).unsafe().outboundBuffer().setUserDefinedWritability(1, true);
		channel(Side.UPSTREAM).runPendingTasks();
		assertThat(this.session.driver().buffered(Side.UPSTREAM)).isZero();
	}

	@Test
	void tellsOfWhatIsCompressedAndNotWrittenYet() {
		open(agreement(true), null);
		byte[] noise = new byte[60_000];
		new Random(42).nextBytes(noise);
		byte[] wire = WireFrame.binary(noise).encode();
		channel(Side.UPSTREAM).writeInbound(Unpooled.copiedBuffer(wire, 0, 50_000));
		assertThat(this.session.driver().buffered(Side.CLIENT)).isBetween(1000L, 51_000L);
		channel(Side.UPSTREAM).writeInbound(Unpooled.copiedBuffer(wire, 50_000, wire.length - 50_000));
		assertThat(this.session.driver().buffered(Side.CLIENT)).isZero();
		assertThat(messages(this.client, read(Side.CLIENT))).singleElement().isEqualTo(noise);
	}

	@Test
	void inflatesNoMoreThanTheOtherLegTakes() {
		open(agreement(true), null);
		byte[] sparse = new byte[4_000_000];
		EmbeddedChannel stalled = channel(Side.UPSTREAM);
		stalled.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
		fromClient(this.client.message(WireFrame.BINARY, sparse));
		assertThat(channel(Side.CLIENT).config().isAutoRead()).isFalse();
		assertThat(readable(stalled)).isLessThan(200_000);
		stalled.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
		stalled.runPendingTasks();
		assertThat(messages(null, read(Side.UPSTREAM))).singleElement().isEqualTo(sparse);
		assertThat(channel(Side.CLIENT).config().isAutoRead()).isTrue();
	}

	@Test
	void lostLegWaitsForTheOtherNoLongerThanTheCloseTimeout() {
		open(agreement(true), null);
		EmbeddedChannel stalled = channel(Side.UPSTREAM);
		stalled.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
		fromClient(this.client.message(WireFrame.BINARY, new byte[4_000_000]));
		loseClient();
		assertThat(read(Side.UPSTREAM)).noneMatch((frame) -> frame.opcode() == WireFrame.CLOSE);
		channel(Side.CLIENT).advanceTimeBy(Timeouts.DEFAULT.close().toMillis() + 1, TimeUnit.MILLISECONDS);
		this.session.runDueTasks();
		assertThat(read(Side.UPSTREAM)).extracting(WireFrame::closeCode).containsExactly(1001);
	}

	@Test
	void lostLegWithAllItSaidTakenIsToldOfOnce() {
		open(agreement(true), null);
		EmbeddedChannel stalled = channel(Side.UPSTREAM);
		stalled.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
		byte[] sparse = new byte[4_000_000];
		fromClient(this.client.message(WireFrame.BINARY, sparse));
		loseClient();
		stalled.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
		stalled.runPendingTasks();
		channel(Side.CLIENT).runPendingTasks();
		List<WireFrame> arrived = new ArrayList<>(read(Side.UPSTREAM));
		assertThat(arrived.remove(arrived.size() - 1).closeCode()).isEqualTo(1001);
		assertThat(messages(null, arrived)).singleElement().isEqualTo(sparse);
		channel(Side.CLIENT).advanceTimeBy(1, TimeUnit.HOURS);
		this.session.runDueTasks();
		assertThat(read(Side.UPSTREAM)).isEmpty();
	}

	/** Other than a close of the channel, this leaves the tasks of its loop alone. */
	private void loseClient() {
		this.session.lose(Side.CLIENT);
		assertThat(channel(Side.CLIENT).isActive()).isFalse();
	}

	/** One of two hundred bytes is not zero. */
	private static byte[] sparse() {
		byte[] bytes = new byte[4_000_000];
		Random random = new Random(1);
		for (int i = 0; i < bytes.length; i += 200) {
			bytes[i] = (byte) random.nextInt();
		}
		return bytes;
	}

	private static long readable(EmbeddedChannel channel) {
		return channel.outboundMessages().stream().mapToLong((message) -> ((ByteBuf) message).readableBytes()).sum();
	}

}
