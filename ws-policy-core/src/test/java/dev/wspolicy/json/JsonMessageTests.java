package dev.wspolicy.json;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Messages parsed as JSON.
 */
class JsonMessageTests {

	@Test
	void messageIsParsedOnce() {
		AtomicInteger reads = new AtomicInteger();
		Frame frame = FrameAccess.frame(FrameType.TEXT, true, counting("{\"a\":1}", reads));
		JsonMessage first = JsonMessage.of(frame);
		assertThat(JsonMessage.of(frame)).isSameAs(first);
		assertThat(reads).hasValue(1);
	}

	@Test
	void textAndBinaryAreParsed() {
		assertThat(JsonMessage.of(TextFrame.of("{\"a\":1}")).tree()).hasToString("{\"a\":1}");
		assertThat(JsonMessage.of(BinaryFrame.of(bytes("[1]"))).tree()).hasToString("[1]");
		assertThat(JsonMessage.of(BinaryFrame.of(new byte[] { '"', (byte) 0xff, '"' })).tree()).isNull();
		assertThat(JsonMessage.of(PingFrame.of(bytes("1"))).tree()).isNull();
	}

	@Test
	void invalidUtf8IsReported() {
		Frame frame = FrameAccess.frame(FrameType.TEXT, true,
				FrameAccess.payload(BinaryFrame.of(new byte[] { '"', (byte) 0xff, '"' })));
		assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(() -> JsonMessage.of(frame));
		assertThat(FrameAccess.isInvalidUtf8(frame)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "hello", "{", "{} {}", "{}x", "[1,]", "{'a':1}", "// c\n{}", "NaN", "01",
			"{\"a\":1,\"a\":2}", "{\"b\":{\"a\":1,\"\\u0061\":2}}", "\"\u0001\"" })
	void invalidJson(String text) {
		assertThat(JsonMessage.of(TextFrame.of(text)).tree()).isNull();
		assertThat(JsonMessage.of(TextFrame.of(text)).treeOrMissing().isMissingNode()).isTrue();
	}

	@Test
	void nestingIsLimited() {
		assertThat(JsonMessage.parse("[".repeat(100_000) + "]".repeat(100_000))).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "1.10", "12345678901234567890.123456789012345678901234567890", "1.0E+3",
			"98765432109876543210", "\"é\"", "null", "-0", "-0.0", "-0e5", "0", "1e5", "1E400", "1e-7", "[-0,0,-1]",
			"\"\\ud800\"", "\"a\\udc00b\"", "{\"\\ud800\":\"\\udfff\\ud83d\"}", "\"\uD83D\uDE00\"",
			"{\"b\":1,\"a\":[true,{}]}" })
	void notationIsPreserved(String text) {
		JsonNode tree = JsonMessage.of(TextFrame.of(text)).tree();
		assertThat(tree).isNotNull();
		TextFrame written = (TextFrame) JsonMessage.frame(tree, FrameType.TEXT);
		assertThat(written.text()).isEqualTo(text);
		assertThat(new String(written.toByteArray(), StandardCharsets.UTF_8)).isEqualTo(text);
	}

	@ParameterizedTest
	@ValueSource(strings = { "-0", "-0.0", "-0e5" })
	void negativeZeroIsANumber(String text) {
		JsonNode tree = JsonMessage.parse(text);
		assertThat(tree).isNotNull();
		assertThat(tree.decimalValue()).isEqualByComparingTo("0");
		assertThat(Math.copySign(1, tree.doubleValue())).isEqualTo(-1);
		assertThat(tree.isIntegralNumber()).isEqualTo(text.equals("-0"));
		assertThat(tree.asInt()).isZero();
	}

	@Test
	void byteOrderMarkIsSkipped() {
		assertThat(JsonMessage.of(TextFrame.of("\uFEFF{\"a\":1}")).tree()).hasToString("{\"a\":1}");
		assertThat(JsonMessage.of(BinaryFrame.of(bytes("\uFEFF[1]"))).tree()).hasToString("[1]");
		assertThat(JsonMessage.parse("\uFEFF")).isNull();
		assertThat(JsonMessage.parse("\uFEFF\uFEFF1")).isNull();
		assertThat(JsonMessage.parse("1\uFEFF")).isNull();
	}

	@Test
	void createdMessageIsNotParsed() {
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
		Payload payload = FrameAccess.payload(TextFrame.of(text));
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

	@ParameterizedTest
	@ValueSource(strings = { "1", "\"a\"", "{\"abc\":[1,2,true,null,\"xyz\"]}", "[[],{},-1.5e3,12345678901234567890]",
			"{\"memberWithAnExceptionallyLongName\":1}", "123456789012345678901234567890123456789012345678901234567890",
			"0.123456789012345678901234567890123456789012345678901234567890" })
	void lengthIsEstimatedWithoutSerialization(String json) {
		JsonNode tree = JsonNodeFactory.instance.objectNode()
			.set("many", JsonMessage.parse("[" + (json + ",").repeat(999) + json + "]"));
		Payload payload = FrameAccess.payload(JsonMessage.frame(tree, FrameType.TEXT));
		int rough = payload.roughLength();
		int length = payload.length();
		assertThat(rough).isBetween(length / 2, length * 3);
		assertThat(payload.roughLength()).isEqualTo(payload.text().length());
	}

	@Test
	void lengthOfFramedJsonIsEstimated() {
		String text = ("{\"a\":\"" + "x".repeat(1_000) + "\"}\u001e").repeat(40);
		JsonParts parts = JsonFraming.RECORDS.of(TextFrame.of(text), Direction.INBOUND);
		assertThat(parts).isNotNull();
		assertThat(
				FrameAccess.payload(parts.frame(JsonFraming.RECORDS, Direction.INBOUND, FrameType.TEXT)).roughLength())
			.isBetween(40_000, 80_000);
	}

	@Test
	void lengthOfFramedJsonIncludesWhatIsNotJson() {
		String text = "42/" + "x".repeat(40_000) + ",[1]";
		JsonParts parts = JsonFraming.SOCKET_IO.of(TextFrame.of(text), Direction.INBOUND);
		assertThat(parts).isNotNull();
		assertThat(parts.list()).hasSize(1);
		assertThat(parts.roughLength()).isBetween(40_000, 80_000);
	}

	/** Written out, it would have four gigabytes and a little more. */
	@Test
	void lengthThatNoTextCanHaveIsNotTakenForAShortOne() {
		ArrayNode tree = JsonNodeFactory.instance.arrayNode();
		JsonNode element = JsonNodeFactory.instance.stringNode("x".repeat(1 << 20));
		for (int i = 0; i < 1 << 12; i++) {
			tree.add(element);
		}
		assertThat(FrameAccess.payload(JsonMessage.frame(tree, FrameType.TEXT)).roughLength())
			.isEqualTo(Integer.MAX_VALUE);
	}

}
