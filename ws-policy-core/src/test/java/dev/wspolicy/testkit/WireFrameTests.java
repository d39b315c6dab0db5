package dev.wspolicy.testkit;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.testkit.WireFrame.LengthForm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The encoding of {@link WireFrame}, held against the RFC's examples and against bytes
 * written out by hand.
 */
class WireFrameTests {

	@Test
	void encodesTheExamplesOfTheRfc() {
		assertThat(hex(WireFrame.text("Hello"))).isEqualTo("810548656c6c6f");
		assertThat(hex(WireFrame.text("Hello").masked())).isEqualTo("818537fa213d7f9f4d5158");
		assertThat(hex(WireFrame.text("Hello").fragments(3))).isEqualTo("010348656c" + "80026c6f");
		assertThat(hex(WireFrame.ping("Hello"))).isEqualTo("890548656c6c6f");
		assertThat(hex(WireFrame.pong("Hello").masked())).isEqualTo("8a8537fa213d7f9f4d5158");
		assertThat(hex(WireFrame.binary(new byte[256]))).startsWith("827e010000");
		assertThat(hex(WireFrame.binary(new byte[65_536]))).startsWith("827f000000000001000000");
	}

	@ParameterizedTest
	@CsvSource({ "0, MINIMAL, 00", "1, MINIMAL, 01", "125, MINIMAL, 7d", "126, MINIMAL, 7e007e", "127, MINIMAL, 7e007f",
			"65535, MINIMAL, 7effff", "65536, MINIMAL, 7f0000000000010000", "0, SIXTEEN_BIT, 7e0000",
			"125, SIXTEEN_BIT, 7e007d", "126, SIXTEEN_BIT, 7e007e", "0, SIXTY_FOUR_BIT, 7f0000000000000000",
			"125, SIXTY_FOUR_BIT, 7f000000000000007d", "126, SIXTY_FOUR_BIT, 7f000000000000007e",
			"65535, SIXTY_FOUR_BIT, 7f000000000000ffff", "65536, SIXTY_FOUR_BIT, 7f0000000000010000" })
	void writesEachLengthInEachForm(int length, LengthForm form, String expected) throws Exception {
		byte[] payload = new byte[length];
		new Random(length).nextBytes(payload);
		WireFrame frame = WireFrame.binary(payload).lengthForm(form);
		assertThat(HexFormat.of().formatHex(frame.header())).isEqualTo("82" + expected);
		assertThat(frame.encode()).startsWith(frame.header())
			.endsWith(payload)
			.hasSize(1 + expected.length() / 2 + length);
		assertThat(read(frame.encode())).isEqualTo(frame);
		WireFrame masked = frame.mask(0x01020304);
		assertThat(masked.header()[1]).isEqualTo((byte) (frame.header()[1] | 0x80));
		assertThat(masked.encode()).hasSize(frame.encode().length + 4);
		assertThat(read(masked.encode())).isEqualTo(masked);
		assertThat(read(masked.encode()).encode()).isEqualTo(masked.encode());
	}

	@ParameterizedTest
	@MethodSource
	void everyFirstByteSurvives(boolean fin, int rsv, int opcode) throws Exception {
		WireFrame frame = WireFrame.of(opcode, (byte) 1, (byte) 2).fin(fin).rsv(rsv).masked();
		assertThat(frame.encode()[0] & 0xFF).isEqualTo((fin ? 128 : 0) + rsv * 16 + opcode);
		assertThat(read(frame.encode())).isEqualTo(frame).hasSameHashCodeAs(frame).hasToString(frame.toString());
	}

	static Stream<Arguments> everyFirstByteSurvives() {
		return IntStream.range(0, 256).mapToObj((bits) -> Arguments.of(bits >= 128, (bits >> 4) & 7, bits & 15));
	}

	@Test
	void formThatIsTheShortestIsMinimal() {
		WireFrame frame = WireFrame.binary(new byte[126]);
		assertThat(frame.lengthForm(LengthForm.SIXTEEN_BIT)).isEqualTo(frame);
		assertThat(frame.lengthForm(LengthForm.SIXTY_FOUR_BIT)).isNotEqualTo(frame);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> WireFrame.binary(new byte[65_536]).lengthForm(LengthForm.SIXTEEN_BIT));
	}

	@ParameterizedTest
	@CsvSource({ "-1, 7fffffffffffffffff", "-9223372036854775808, 7f8000000000000000", "1000000, 7f00000000000f4240",
			"300, 7e012c", "3, 03" })
	void headerMayClaimAnotherLength(long claimed, String expected) {
		WireFrame frame = WireFrame.binary((byte) 7).claimedLength(claimed);
		assertThat(hex(frame)).isEqualTo("82" + expected + "07");
		assertThat(frame).hasToString("BINARY fin claims " + Long.toUnsignedString(claimed) + " 1 bytes 07");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> read(frame.encode()));
	}

	@Test
	void controlFramesMayBreakTheRules() throws Exception {
		WireFrame tooLong = WireFrame.ping(new byte[126]);
		assertThat(hex(tooLong)).startsWith("897e007e");
		assertThat(read(tooLong.encode())).isEqualTo(tooLong);
		WireFrame fragmented = WireFrame.ping("x").fin(false);
		assertThat(hex(fragmented)).isEqualTo("090178");
		assertThat(read(fragmented.encode())).isEqualTo(fragmented);
	}

	@Test
	void closeFrames() {
		assertThat(hex(WireFrame.close())).isEqualTo("8800");
		assertThat(hex(WireFrame.close(1000))).isEqualTo("880203e8");
		assertThat(hex(WireFrame.close(4999, "né"))).isEqualTo("88051387" + "6ec3a9");
		assertThat(hex(WireFrame.of(WireFrame.CLOSE, (byte) 3))).isEqualTo("880103");
		assertThat(WireFrame.close(65_535, "x").closeCode()).isEqualTo(65_535);
		assertThat(WireFrame.close(1001, "away").closeReason()).isEqualTo("away");
		assertThat(WireFrame.close().closeCode()).isEqualTo(1005);
		assertThat(WireFrame.close().closeReason()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "5, 1", "4, 2", "3, 2", "1, 5", "2147483647, 1" })
	void fragmentsAddUpToTheFrame(int size, int count) {
		WireFrame[] fragments = WireFrame.text("Hello").rsv(4).masked().fragments(size);
		assertThat(fragments).hasSize(count).allMatch(WireFrame::isMasked);
		assertThat(fragments[0].opcode()).isEqualTo(WireFrame.TEXT);
		assertThat(fragments).extracting(WireFrame::rsv).startsWith(4).doesNotContainSequence(4, 4);
		assertThat(fragments).extracting(WireFrame::fin)
			.containsExactlyElementsOf(IntStream.range(0, count).mapToObj((i) -> i == count - 1).toList());
		assertThat(Arrays.stream(fragments).map(WireFrame::payloadAsText))
			.containsOnlyOnce("Hello".substring(0, Math.min(5, size)));
		assertThat(String.join("", Arrays.stream(fragments).map(WireFrame::payloadAsText).toList())).isEqualTo("Hello");
	}

	@Test
	void fragmentsOfAnEmptyFrame() {
		assertThat(WireFrame.text("").fragments(1)).containsExactly(WireFrame.text(""));
		assertThat(WireFrame.continuation("abc").fin(false).fragments(2))
			.containsExactly(WireFrame.continuation("ab").fin(false), WireFrame.continuation("c").fin(false));
	}

	@Test
	void equalityTellsEveryBitApart() {
		WireFrame frame = WireFrame.text("Hello");
		assertThat(frame).isEqualTo(WireFrame.text("Hello"))
			.isEqualTo(frame.masked().unmasked())
			.isNotEqualTo(frame.masked())
			.isNotEqualTo(frame.fin(false))
			.isNotEqualTo(frame.rsv(1))
			.isNotEqualTo(frame.opcode(2))
			.isNotEqualTo(frame.claimedLength(6))
			.isNotEqualTo(WireFrame.text("Hellp"))
			.isNotEqualTo("Hello");
		assertThat(frame.mask(1)).isNotEqualTo(frame.mask(2)).isEqualTo(frame.mask(new byte[] { 0, 0, 0, 1 }));
	}

	@Test
	void arraysAreCopied() {
		byte[] payload = { 1, 2, 3 };
		WireFrame frame = WireFrame.binary(payload).masked();
		payload[0] = 9;
		frame.payload()[1] = 9;
		frame.encode()[6] = 9;
		assertThat(frame.payload()).containsExactly(1, 2, 3);
	}

	@Test
	void saysWhatItIsInOneLine() {
		assertThat(WireFrame.text("Hello").masked()).hasToString("TEXT fin mask=37fa213d 5 bytes \"Hello\"");
		assertThat(WireFrame.binary(new byte[50]).fin(false))
			.hasToString("BINARY more 50 bytes " + "00".repeat(40) + "... crc=1f877c1e");
		assertThat(WireFrame.close(1001, "away")).hasToString("CLOSE fin 6 bytes 1001 \"away\"");
		assertThat(WireFrame.of(0xB).rsv(2).lengthForm(LengthForm.SIXTEEN_BIT))
			.hasToString("OPCODE-b fin rsv=2 length=SIXTEEN_BIT 0 bytes");
	}

	@Test
	void nothingElseFitsIntoTheBits() {
		WireFrame frame = WireFrame.ping();
		assertThatIllegalArgumentException().isThrownBy(() -> frame.rsv(8));
		assertThatIllegalArgumentException().isThrownBy(() -> frame.opcode(16));
		assertThatIllegalArgumentException().isThrownBy(() -> frame.mask(new byte[3]));
		assertThatIllegalArgumentException().isThrownBy(() -> frame.fragments(0));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "81", "8105", "810548656c", "81ff", "818537fa21" })
	void endWithinAFrame(String hex) {
		assertThatExceptionOfType(EOFException.class).isThrownBy(() -> read(HexFormat.of().parseHex(hex)));
	}

	private static WireFrame read(byte[] bytes) throws IOException {
		ByteArrayInputStream input = new ByteArrayInputStream(bytes);
		WireFrame frame = WireFrame.read(input);
		assertThat(input.available()).isZero();
		return frame;
	}

	private static String hex(WireFrame... frames) {
		return HexFormat.of().formatHex(WireFrame.encodeAll(frames));
	}

}
