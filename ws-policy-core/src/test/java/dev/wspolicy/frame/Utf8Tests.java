package dev.wspolicy.frame;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is UTF-8 and what is not (RFC 6455, section 8.1; RFC 3629).
 */
class Utf8Tests {

	@ParameterizedTest
	@ValueSource(strings = { "", "a", "1234567", "12345678", "123456789",
			"Hello-\u00b5@\u00df\u00f6\u00e4\u00fc\u00e0\u00e1-UTF-8!!", "\u0000\u007f\u0080\u07ff\u0800\uffff",
			"\ud800\udc00\udbff\udfff", "\ud83d\ude00", "12345678\u00e9", "1234567\u00e9", "\ufffd", "a\ufffdb\u00e9" })
	void decodes(String text) {
		assertThat(Utf8.decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
	}

	@ParameterizedTest
	@ValueSource(strings = { "80", "bf", "ff", "fe", "c3", "c328", "e282", "e28228", "f09f98", "f0288cbc", "c080",
			"c1bf", "e08080", "e09fbf", "f0808080", "f08fbfbf", "eda080", "edbfbf", "f4908080", "f8888080",
			"6162636465666768ff", "61626364656667ff", "ff61626364656667", "cebae1bdb9cf83cebcceb5eda080656469746564",
			"efbfbd80", "80efbfbd", "efbf" })
	void refuses(String hex) {
		byte[] bytes = HexFormat.of().parseHex(hex);
		assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(() -> Utf8.decode(bytes));
	}

	@Test
	void decodesOnlyTheFirstBytes() {
		byte[] bytes = { 'a', 'b', (byte) 0xFF };
		assertThat(Utf8.decode(bytes, 2)).isEqualTo("ab");
		assertThat(Utf8.decode(bytes, 0)).isEmpty();
		byte[] longer = Arrays.copyOf("12345678\u00e9".getBytes(StandardCharsets.UTF_8), 16);
		longer[10] = (byte) 0xFF;
		assertThat(Utf8.decode(longer, 10)).isEqualTo("12345678\u00e9");
	}

	@Test
	void findsOneWrongByteAnywhere() {
		for (int length = 1; length < 40; length++) {
			for (int index = 0; index < length; index++) {
				byte[] bytes = "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
				bytes[index] = (byte) 0x80;
				assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(() -> Utf8.decode(bytes));
			}
		}
	}

	@Test
	void decodesWhateverIsEncoded() {
		Random random = new Random(1);
		for (int i = 0; i < 1000; i++) {
			String text = random.ints(random.nextInt(50), 0, 0x10FFFF)
				.filter((character) -> character < 0xD800 || character > 0xDFFF)
				.collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
				.toString();
			assertThat(Utf8.decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
		}
	}

}
