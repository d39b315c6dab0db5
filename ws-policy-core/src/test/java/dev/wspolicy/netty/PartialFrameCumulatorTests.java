package dev.wspolicy.netty;

import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PartialFrameCumulator}.
 */
class PartialFrameCumulatorTests {

	private final ByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;

	@Test
	void passesOnWhatIsReadWhenNothingIsLeft() {
		ByteBuf read = buffer("read");
		ByteBuf previous = buffer("");
		assertThat(cumulate(previous, read)).isSameAs(read);
		assertThat(previous.refCnt()).isZero();
		read.release();
	}

	@Test
	void joinsAPartialFrameWithoutWhatHasBeenDecodedBeforeIt() {
		ByteBuf previous = buffer("decoded, partial");
		previous.skipBytes(9);
		ByteBuf decoded = previous.retainedSlice(0, 7);
		ByteBuf read = buffer(" frame");
		ByteBuf joined = cumulate(previous, read);
		assertThat(joined.toString(StandardCharsets.US_ASCII)).isEqualTo("partial frame");
		assertThat(joined.capacity()).isEqualTo("partial frame".length());
		assertThat(decoded.toString(StandardCharsets.US_ASCII)).isEqualTo("decoded");
		joined.release();
		decoded.release();
		assertThat(previous.refCnt()).isZero();
		assertThat(read.refCnt()).isZero();
	}

	@Test
	void usesTheRoomThatIsLeftInTheBuffer() {
		ByteBuf previous = this.allocator.buffer(64).writeBytes("partial".getBytes(StandardCharsets.US_ASCII));
		ByteBuf read = buffer(" frame");
		ByteBuf joined = cumulate(previous, read);
		assertThat(joined).isSameAs(previous);
		assertThat(joined.toString(StandardCharsets.US_ASCII)).isEqualTo("partial frame");
		joined.release();
		assertThat(read.refCnt()).isZero();
	}

	@Test
	void copiesWhatIsReadInPieces() {
		ByteBuf read = Unpooled.compositeBuffer()
			.addComponent(true, buffer("in "))
			.addComponent(true, buffer("pieces"));
		ByteBuf joined = cumulate(buffer(""), read);
		assertThat(joined.toString(StandardCharsets.US_ASCII)).isEqualTo("in pieces");
		joined.release();
		assertThat(read.refCnt()).isZero();
	}

	private ByteBuf cumulate(ByteBuf partial, ByteBuf next) {
		return PartialFrameCumulator.INSTANCE.cumulate(this.allocator, partial, next);
	}

	private static ByteBuf buffer(String content) {
		return Unpooled.copiedBuffer(content, StandardCharsets.US_ASCII);
	}

}
