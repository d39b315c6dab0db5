package dev.wspolicy.json;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Messages read as JSON.
 */
class JsonMessageTests {

	@Test
	void aMessageIsParsedOnce() {
		AtomicInteger reads = new AtomicInteger();
		Frame frame = Frame.of(FrameType.TEXT, true, counting("{\"a\":1}", reads));
		JsonMessage first = JsonMessage.of(frame);
		assertThat(JsonMessage.of(frame)).isSameAs(first);
		assertThat(reads).hasValue(1);
	}

	@Test
	void textAndBinaryAreRead() {
		assertThat(JsonMessage.of(TextFrame.of("{\"a\":1}")).tree()).hasToString("{\"a\":1}");
		assertThat(JsonMessage.of(BinaryFrame.of(bytes("[1]"))).tree()).hasToString("[1]");
		assertThat(JsonMessage.of(BinaryFrame.of(new byte[] { '"', (byte) 0xff, '"' })).tree()).isNull();
		assertThat(JsonMessage.of(PingFrame.of(bytes("1"))).tree()).isNull();
	}

	@Test
	void textThatIsNotUtf8IsNoMatterOfJson() {
		Frame frame = Frame.of(FrameType.TEXT, true, BinaryFrame.of(new byte[] { '"', (byte) 0xff, '"' }).source());
		assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(() -> JsonMessage.of(frame));
		assertThat(frame.isInvalidUtf8()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "hello", "{", "{} {}", "{}x", "[1,]", "{'a':1}", "// c\n{}", "NaN", "01",
			"{\"a\":1,\"a\":2}", "{\"b\":{\"a\":1,\"\\u0061\":2}}", "\"\u0001\"" })
	void whatIsNotJson(String text) {
		assertThat(JsonMessage.of(TextFrame.of(text)).tree()).isNull();
	}

	@Test
	void nestingHasAnEnd() {
		assertThat(JsonMessage.parse("[".repeat(100_000) + "]".repeat(100_000))).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "1.10", "12345678901234567890.123456789012345678901234567890", "1.0E+3",
			"98765432109876543210", "\"é\"", "null", "{\"b\":1,\"a\":[true,{}]}" })
	void whatIsReadIsWrittenAsItWas(String text) {
		JsonNode tree = JsonMessage.of(TextFrame.of(text)).tree();
		assertThat(tree).isNotNull();
		assertThat(((TextFrame) JsonMessage.frame(tree, FrameType.TEXT)).text()).isEqualTo(text);
	}

	@Test
	void aMessageThatIsMadeNeedNotBeParsed() {
		JsonNode tree = JsonMessage.of(TextFrame.of("{\"a\":\"ä\"}")).tree();
		assertThat(tree).isNotNull();
		Frame frame = JsonMessage.frame(tree, FrameType.BINARY);
		assertThat(frame).isInstanceOf(BinaryFrame.class);
		assertThat(JsonMessage.of(frame).tree()).isSameAs(tree);
		assertThat(frame.toByteArray()).isEqualTo(bytes("{\"a\":\"ä\"}"));
		assertThat(frame.length()).isEqualTo(10);
		assertThat(frame.copy()).isSameAs(frame);
		assertThatIllegalArgumentException().isThrownBy(() -> JsonMessage.frame(tree, FrameType.PING));
	}

	private static Payload counting(String text, AtomicInteger reads) {
		Payload payload = TextFrame.of(text).source();
		return new Payload() {

			@Override
			public int length() {
				return payload.length();
			}

			@Override
			public byte[] bytes() {
				reads.incrementAndGet();
				return payload.bytes();
			}

			@Override
			public String text() {
				reads.incrementAndGet();
				return payload.text();
			}

			@Override
			public void release() {
				payload.release();
			}

		};
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
