package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

class DeflationTests {

	private static final int BINARY = 0x82;

	private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

	private final List<Integer> written = new ArrayList<>();

	private final Deflation deflation = new Deflation(Side.CLIENT, new PerMessageDeflate("", true, true, 6, 0),
			this.allocator, this::writeAndDispose);

	private void writeAndDispose(ByteBuf frame) {
		this.written.add(frame.readableBytes());
		frame.release();
		this.deflation.dispose();
	}

	@Test
	void keepsNothingOfWhatFollowsAWriteThatEndsTheSession() {
		ByteBuf bytes = this.allocator.buffer();
		bytes.writeByte(BINARY).writeByte(3).writeBytes(new byte[3]);
		bytes.writeByte(BINARY).writeByte(100).writeBytes(new byte[50]);
		this.deflation.write(bytes);
		assertThat(this.written).hasSize(1);
		assertThat(this.deflation.held()).isZero();
		assertThat(this.allocator.metric().usedHeapMemory()).isZero();
	}

	@Test
	void keepsNothingIfTheFragmentBeforeTheEndOfAMessageEndsTheSession() {
		byte[] payload = new byte[200_000];
		new Random(1).nextBytes(payload);
		ByteBuf bytes = this.allocator.buffer();
		bytes.writeByte(BINARY).writeByte(127).writeLong(payload.length).writeBytes(payload);
		this.deflation.write(bytes);
		assertThat(this.written).hasSize(1);
		assertThat(this.deflation.held()).isZero();
		assertThat(this.allocator.metric().usedHeapMemory()).isZero();
	}

}
