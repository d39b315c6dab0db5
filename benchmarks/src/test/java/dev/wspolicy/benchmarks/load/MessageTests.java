package dev.wspolicy.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class MessageTests {

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 9, 10, 15, 16, 0x1234ABCD, Integer.MAX_VALUE, -1 })
	void sequenceNumbersAreHexadecimal(int sequence) {
		byte[] digits = ByteBuffer.allocate(8).putLong(Message.digits(sequence)).array();
		assertThat(new String(digits, StandardCharsets.US_ASCII)).isEqualTo("%08x".formatted(sequence));
	}

	@ParameterizedTest
	@ValueSource(ints = { 64, 125, 126, 128, 16384, 65535, 65536 })
	void framesAreOfTheirSize(int size) {
		byte[] frame = Template.plain(size, false).frame();
		assertThat(frame).hasSize(Message.headerLength(size, false) + size);
		String text = new String(frame, frame.length - size, size, StandardCharsets.US_ASCII);
		assertThat(text).startsWith("{\"n\":\"00000000\",\"s\":\"original\",\"f\":\"").endsWith("\"}");
	}

	@Test
	void clientsMask() {
		byte[] plain = Template.plain(128, false).frame();
		byte[] masked = Template.plain(128, true).frame();
		for (int i = 0; i < 128; i++) {
			byte key = (byte) (Message.KEY >>> (24 - 8 * (i % 4)));
			assertThat(masked[8 + i]).isEqualTo((byte) (plain[4 + i] ^ key));
		}
	}

	@Test
	void smallMessagesHaveNoRoom() {
		assertThatIllegalArgumentException().isThrownBy(() -> Template.plain(63, true).frame())
			.withMessage("size: 63 (expected: >= 64)");
	}

}
