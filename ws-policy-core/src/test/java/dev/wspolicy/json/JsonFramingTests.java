package dev.wspolicy.json;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.TextFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * JSON framings. In the tables {@code ~} is 0x1E, {@code ^} a line feed and {@code @} a
 * carriage return.
 */
class JsonFramingTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			JSON      | INBOUND  | {"a":1}                        | {"a":1}
			RECORDS   | INBOUND  | {"a":1}~                       | {"a":1}
			RECORDS   | OUTBOUND | {}~{"type":6}~[1]~             | {} {"type":6} [1]
			LINES     | INBOUND  | {"a":1}                        | {"a":1}
			LINES     | INBOUND  | {"a":1}^                       | {"a":1}
			LINES     | INBOUND  | ^{"a":1}@^ ^2^                 | {"a":1} 2
			LINES     | INBOUND  | ``                             |
			SOCKJS    | INBOUND  | ["1","{\\"a\\":2}"]              | 1 {"a":2}
			SOCKJS    | INBOUND  | "[1]"                          | [1]
			SOCKJS    | INBOUND  | []                             |
			SOCKJS    | INBOUND  | ``                             |
			SOCKJS    | OUTBOUND | o                              |
			SOCKJS    | OUTBOUND | h                              |
			SOCKJS    | OUTBOUND | c[3000,"Go away!"]             |
			SOCKJS    | OUTBOUND | a["1"]                         | 1
			SOCKJS    | OUTBOUND | m"1"                           | 1
			SOCKET_IO | OUTBOUND | 0{"sid":"x"}                   | {"sid":"x"}
			SOCKET_IO | INBOUND  | 2                              |
			SOCKET_IO | INBOUND  | 3probe                         |
			SOCKET_IO | INBOUND  | 40                             |
			SOCKET_IO | INBOUND  | 40/admin,                      |
			SOCKET_IO | INBOUND  | 40/admin?a=b                   |
			SOCKET_IO | INBOUND  | 40{"token":"t"}                | {"token":"t"}
			SOCKET_IO | INBOUND  | 41                             |
			SOCKET_IO | INBOUND  | 42["m",{"a":1}]                | ["m",{"a":1}]
			SOCKET_IO | INBOUND  | 42/admin,13["m"]               | ["m"]
			SOCKET_IO | OUTBOUND | 4317[1]                        | [1]
			SOCKET_IO | OUTBOUND | 44{"message":"no"}             | {"message":"no"}
			SOCKET_IO | OUTBOUND | 44"no"                         | "no"
			SOCKET_IO | INBOUND  | 451-["m",{"_placeholder":true,"num":0}] | ["m",{"_placeholder":true,"num":0}]
			SOCKET_IO | INBOUND  | 462-/admin,7[1]                | [1]
			""")
	void parsesAndWrites(JsonFraming framing, Direction direction, String message, @Nullable String expected) {
		JsonParts parts = framing.of(TextFrame.of(unescape(message)), direction);
		assertThat(parts).isNotNull();
		assertThat(String.join(" ", parts.list().stream().map((part) -> part.tree().toString()).toList()))
			.isEqualTo((expected != null) ? expected : "");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			JSON      | INBOUND  | {"a":1}~
			RECORDS   | INBOUND  | ``
			RECORDS   | INBOUND  | {"a":1}
			RECORDS   | INBOUND  | {"a":1}~{"b"
			RECORDS   | INBOUND  | {"a":1}~~
			RECORDS   | INBOUND  | {"a":1}{"a":1}~
			LINES     | INBOUND  | {"a":^1}
			LINES     | INBOUND  | 1 2
			SOCKJS    | INBOUND  | {"a":1}
			SOCKJS    | INBOUND  | ["hello"]
			SOCKJS    | INBOUND  | ["1",2]
			SOCKJS    | INBOUND  | a["1"]
			SOCKJS    | OUTBOUND | ["1"]
			SOCKJS    | OUTBOUND | a"1"
			SOCKJS    | OUTBOUND | m["1"]
			SOCKJS    | OUTBOUND | hello
			SOCKJS    | OUTBOUND | c3000
			SOCKJS    | OUTBOUND | ``
			SOCKET_IO | INBOUND  | ``
			SOCKET_IO | INBOUND  | 2{"a":1}
			SOCKET_IO | INBOUND  | 4
			SOCKET_IO | INBOUND  | 4{"a":1}
			SOCKET_IO | INBOUND  | 42
			SOCKET_IO | INBOUND  | 42{"a":1}
			SOCKET_IO | INBOUND  | 42["m"
			SOCKET_IO | INBOUND  | 41[1]
			SOCKET_IO | INBOUND  | 45["m"]
			SOCKET_IO | INBOUND  | 400{"a":1}
			SOCKET_IO | INBOUND  | 47["m"]
			SOCKET_IO | INBOUND  | bAAAA
			SOCKET_IO | INBOUND  | ["m"]
			""")
	void malformedFraming(JsonFraming framing, Direction direction, String message) {
		assertThat(framing.of(TextFrame.of(unescape(message)), direction)).isNull();
	}

	@Test
	void binaryMessagesWithUtf8AreParsed() {
		byte[] message = "{}\u001e".getBytes(StandardCharsets.UTF_8);
		assertThat(JsonFraming.RECORDS.of(BinaryFrame.of(message), Direction.INBOUND)).isNotNull();
		assertThat(JsonFraming.RECORDS.of(BinaryFrame.of(new byte[] { (byte) 0x91, 6 }), Direction.INBOUND)).isNull();
	}

	@Test
	void byteOrderMarkIsSkipped() {
		for (JsonFraming framing : List.of(JsonFraming.RECORDS, JsonFraming.LINES)) {
			assertThat(framing.of(
					TextFrame
						.of("\uFEFF{}\u001e".replace("\u001e", (framing == JsonFraming.RECORDS) ? "\u001e" : "\n")),
					Direction.INBOUND))
				.as(framing.name())
				.isNotNull();
		}
	}

	@Test
	void messageIsParsedOncePerFraming() {
		TextFrame frame = TextFrame.of("1\n");
		JsonParts parts = JsonFraming.LINES.of(frame, Direction.INBOUND);
		assertThat(JsonFraming.LINES.of(frame, Direction.INBOUND)).isNotNull().isSameAs(parts);
	}

	private static String unescape(String message) {
		return message.replace('~', '\u001e').replace('^', '\n').replace('@', '\r');
	}

}
