package dev.wspolicy.netty;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The check of text as it arrives, held against the JDK's decoder.
 */
class Utf8CheckTests {

	private static final String[] SAMPLES = { "", "a", "plain ASCII that is longer than eight bytes", "äöü", "€uro",
			"\uD83D\uDE00", "mixed: ä€\uD83D\uDE00 and plain", "\u0000", "\u007F\u0080\u07FF\u0800\uFFFF" };

	@Test
	void acceptsText() {
		for (String sample : SAMPLES) {
			assertThat(check(sample.getBytes(StandardCharsets.UTF_8), 0, 3)).as(sample).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 0x11223344, -1, 0x80000000 })
	void agreesWithTheJdkOnAllSequencesOfFewBytes(int key) {
		List<String> disagreements = new ArrayList<>();
		for (int first = 0x7F; first < 0x100; first++) {
			for (int second = 0x70; second < 0x100; second += 3) {
				for (int third = 0x7E; third < 0xC4; third += 7) {
					byte[] bytes = { (byte) first, (byte) second, (byte) third, (byte) 0x80, 'x' };
					for (int length = 1; length <= bytes.length; length++) {
						byte[] sample = Arrays.copyOf(bytes, length);
						if (check(sample, key, 2) != isUtf8(sample)) {
							disagreements.add(HexFormat.of().formatHex(sample));
						}
					}
				}
			}
		}
		assertThat(disagreements).isEmpty();
	}

	@Test
	void agreesWithTheJdkOnDamagedText() {
		Random random = new Random(1);
		for (int round = 0; round < 20_000; round++) {
			StringBuilder text = new StringBuilder();
			for (int i = random.nextInt(12); i >= 0; i--) {
				text.append(SAMPLES[random.nextInt(SAMPLES.length)]);
			}
			byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
			if (bytes.length > 0 && random.nextBoolean()) {
				bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
			}
			boolean expected = isUtf8(bytes);
			assertThat(check(bytes, random.nextInt(), 1 + random.nextInt(20))).as("round " + round).isEqualTo(expected);
		}
	}

	@Test
	void seesAnIncompleteEnd() {
		Utf8Check check = new Utf8Check();
		ByteBuf buffer = Unpooled.wrappedBuffer(new byte[] { 'a', (byte) 0xE2, (byte) 0x82 });
		assertThat(check.accepts(buffer, 0, 3, 0, 0)).isTrue();
		assertThat(check.isComplete()).isFalse();
		check.reset();
		assertThat(check.isComplete()).isTrue();
	}

	/** In pieces, in buffers of one part and of several. */
	private static boolean check(byte[] text, int key, int piece) {
		byte[] masked = text.clone();
		Masks.apply(masked, 0, masked.length, key, 0);
		boolean whole = check(Unpooled.wrappedBuffer(masked), masked.length, key, piece);
		List<byte[]> parts = new ArrayList<>();
		for (int from = 0; from < masked.length; from += 5) {
			parts.add(Arrays.copyOfRange(masked, from, Math.min(from + 5, masked.length)));
		}
		ByteBuf composite = Unpooled.wrappedBuffer(parts.toArray(byte[][]::new));
		if (check(composite, masked.length, key, piece) != whole) {
			throw new AssertionError("A buffer of several parts: " + HexFormat.of().formatHex(text));
		}
		composite.release();
		return whole;
	}

	private static boolean check(ByteBuf buffer, int length, int key, int piece) {
		Utf8Check check = new Utf8Check();
		for (int from = 0; from < length; from += piece) {
			if (!check.accepts(buffer, from, Math.min(piece, length - from), key, from)) {
				return false;
			}
		}
		return check.isComplete();
	}

	private static boolean isUtf8(byte[] bytes) {
		CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
		// Without an exception, whose stack trace takes longer than the rest
		return !decoder.decode(ByteBuffer.wrap(bytes), CharBuffer.allocate(bytes.length), true).isError();
	}

}
