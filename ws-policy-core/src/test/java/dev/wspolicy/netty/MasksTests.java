package dev.wspolicy.netty;

import java.util.Random;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MasksTests {

	private static final int KEY = 0x89ABCDEF;

	private static final byte[] BYTES = new byte[64];

	static {
		new Random(1).nextBytes(BYTES);
	}

	@Test
	void arrayOfEachLengthAtEachPhase() {
		for (int length = 0; length < 40; length++) {
			for (int phase = 0; phase < 9; phase++) {
				byte[] bytes = BYTES.clone();
				Masks.apply(bytes, 3, length, KEY, phase);
				assertThat(bytes).as(length + " at " + phase).isEqualTo(masked(3, length, phase));
			}
		}
	}

	@Test
	void bufferOfEachLengthAtEachPhase() {
		for (int length = 0; length < 40; length++) {
			for (int phase = 0; phase < 9; phase++) {
				ByteBuf direct = PooledByteBufAllocator.DEFAULT.directBuffer(64).writeBytes(BYTES);
				ByteBuf heap = Unpooled.copiedBuffer(BYTES);
				ByteBuf parts = Unpooled.wrappedBuffer(Unpooled.copiedBuffer(BYTES, 0, 9),
						Unpooled.copiedBuffer(BYTES, 9, 6), Unpooled.copiedBuffer(BYTES, 15, 49));
				for (ByteBuf buffer : new ByteBuf[] { direct, heap, parts }) {
					Masks.apply(buffer, 3, length, KEY, phase);
					assertThat(ByteBufUtil.getBytes(buffer)).as(length + " at " + phase + " in " + buffer)
						.isEqualTo(masked(3, length, phase));
					buffer.release();
				}
			}
		}
	}

	private static byte[] masked(int offset, int length, int phase) {
		byte[] bytes = BYTES.clone();
		for (int i = 0; i < length; i++) {
			bytes[offset + i] ^= (byte) (KEY >> (24 - 8 * ((phase + i) & 3)));
		}
		return bytes;
	}

}
