package dev.wspolicy.recording;

import java.io.Reader;
import java.io.StringReader;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.BDDMockito;
import org.mockito.Mockito;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.redaction.Excerpt.Redacted;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The lines of a recording, written and read.
 */
class RecordingFormatTests {

	private static final Instant TIME = Instant.parse("2026-03-01T09:16:11.020481Z");

	private static final String BEGIN = RecordingFormat
		.line(new RecordingEntry.Begin(RecordingFormat.VERSION, "tap", TIME, 1));

	static Stream<RecordingEntry> entries() {
		return Stream
			.of(new RecordingEntry.Begin(1, "frame-log", TIME, 0.25),
					new RecordingEntry.Open("s", TIME, "/chat/1", "chat", "strict", "v2.chat", "ana"),
					new RecordingEntry.Open("s", TIME, "/chat/1", "chat", "strict", null, null),
					message(FrameType.TEXT, new Excerpt("hä \"\n\u2028", Encoding.TEXT, false)),
					message(FrameType.BINARY, new Excerpt("/wA=", Encoding.BASE64, true)),
					message(FrameType.TEXT, new Excerpt("{\"a\":\"***\"}", Encoding.TEXT, false, Redacted.PART)),
					message(FrameType.TEXT, Excerpt.withheld("***")), message(FrameType.CONTINUATION, null),
					message(FrameType.CLOSE, new Excerpt("1000 bye", Encoding.TEXT, false)),
					new RecordingEntry.Dropped(17), new RecordingEntry.Close("s", TIME, Termination.Initiator.GATEWAY,
							Termination.Cause.POLICY, null, 1008, null, 1001, "json-schema"),
					new RecordingEntry.End("size"));
	}

	private static RecordingEntry.Message message(FrameType type, Excerpt payload) {
		return new RecordingEntry.Message("s", Direction.OUTBOUND, Origin.PEER, type, type != FrameType.CONTINUATION,
				TIME, 12, payload);
	}

	@ParameterizedTest
	@MethodSource("entries")
	void isReadAsWritten(RecordingEntry entry) {
		String line = RecordingFormat.line(entry);
		assertThat(line).doesNotContain("\n");
		assertThat(RecordingFormat.parse(line)).isEqualTo(entry);
	}

	@Test
	void looksAsDocumented() {
		assertThat(BEGIN).isEqualTo(
				"{\"record\":\"recording\",\"version\":1,\"source\":\"tap\",\"time\":\"2026-03-01T09:16:11.020481Z\",\"sample\":1.0}");
		assertThat(RecordingFormat.line(message(FrameType.TEXT, new Excerpt("hi", Encoding.TEXT, false))))
			.isEqualTo("{\"record\":\"frame\",\"session\":\"s\",\"direction\":\"outbound\",\"origin\":\"peer\","
					+ "\"type\":\"text\",\"fin\":true,\"time\":\"2026-03-01T09:16:11.020481Z\",\"length\":12,"
					+ "\"payload\":\"hi\",\"encoding\":\"text\",\"truncated\":false,\"redacted\":\"none\"}");
	}

	@Test
	void openingHasNoSecrets() {
		UpgradeContext upgrade = Mockito.mock(Mockito.CALLS_REAL_METHODS);
		BDDMockito.willReturn(URI.create("ws://localhost/chat;jsessionid=secret/room%3B1;x=secret?token=secret"))
			.given(upgrade)
			.uri();
		BDDMockito.willReturn("chat").given(upgrade).routeId();
		BDDMockito.willReturn(null).given(upgrade).subprotocol();
		ProxiedSession session = Mockito.mock();
		BDDMockito.given(session.id()).willReturn("s");
		BDDMockito.given(session.upgrade()).willReturn(upgrade);
		BDDMockito.given(session.openedAt()).willReturn(TIME);
		BDDMockito.given(session.pipeline()).willReturn("default");
		BDDMockito.given(session.principal()).willReturn(() -> "ana");
		RecordingEntry.Open open = RecordingEntry.Open.of(session, false, (subprotocol) -> false);
		assertThat(open).isEqualTo(new RecordingEntry.Open("s", TIME, "/chat/room%3B1", "chat", "default", null, null));
		assertThat(RecordingEntry.Open.of(session, true, (subprotocol) -> false).principal()).isEqualTo("ana");
		BDDMockito.willReturn("secret").given(upgrade).subprotocol();
		assertThat(RecordingEntry.Open.of(session, true, "v2.chat"::equals).subprotocol()).isEqualTo("******");
		BDDMockito.willReturn("v2.chat").given(upgrade).subprotocol();
		assertThat(RecordingEntry.Open.of(session, true, "v2.chat"::equals).subprotocol()).isEqualTo("v2.chat");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '~',
			textBlock = """
					{"record":"frame"                                                | not a JSON object
					hello secret                                                     | not a JSON object
					[]                                                               | not a JSON object
					{"session":"s"}                                                  | 'record' is missing
					{"record":7}                                                     | 'record' is not a string
					{"record":"recording","version":2,"source":"tap"}                | version: 2 (expected: at most 1)
					{"record":"open","session":"s","openedAt":"yesterday"}           | 'openedAt' is not a time
					{"record":"frame","session":"s","direction":"up","payload":null} | 'direction' has an unknown value
					{"record":"frame","payload":"%","encoding":"base64","truncated":false,"redacted":"none"} | 'payload' is not Base64
					{"record":"open","session":"s","openedAt":"+100000-03-01T09:16:11Z"} | 'openedAt' is not a time between 1970 and 9999
					{"record":"open","session":"s","openedAt":"2026-03-01T09:16:11Z","path":"/a b"} | 'path' is not the path of a URI
					{"record":"open","session":"s","openedAt":"2026-03-01T09:16:11Z","path":"chat"} | 'path' is not the path of a URI
					{"record":"open","session":"s","openedAt":"2026-03-01T09:16:11Z","path":"/chat?token=secret"} | 'path' is not the path of a URI
					{"record":"dropped"}                                             | 'count' is missing
					{"record":"dropped","count":"many"}                              | 'count' is not a number of at least 0
					{"record":"dropped","count":-1}                                  | 'count' is not a number of at least 0
					{"record":"recording","version":3000000000,"source":"tap"}       | version: 3000000000 (expected: at most 1)
					{"record":"frame","session":"s","direction":"inbound","origin":"peer","type":"text","fin":"no"} | 'fin' is not true or false
					{"record":"frame","session":"s","direction":"inbound","origin":"peer","type":"text","fin":true,"time":"2026-03-01T09:16:11Z","length":-5} | 'length' is not a number of at least 0
					""")
	void invalidLines(String line, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> RecordingFormat.parse(line)).withMessage(message);
	}

	@Test
	void unknownRecordsAndMembersAreIgnored() {
		assertThat(RecordingFormat.parse("{\"record\":\"weather\"}")).isNull();
		assertThat(RecordingFormat.parse("{\"record\":\"end\",\"reason\":\"size\",\"mood\":1}"))
			.isEqualTo(new RecordingEntry.End("size"));
	}

	@Test
	void readerNamesTheBrokenLine() {
		RecordingReader reader = new RecordingReader(
				new StringReader(BEGIN + "\n\n{\"record\":\"weather\"}\n{\"record\":\"end\",\"rea\n"), "chat.jsonl");
		assertThat(reader.next()).isInstanceOf(RecordingEntry.Begin.class);
		assertThatExceptionOfType(InvalidRecordingException.class).isThrownBy(reader::next)
			.withMessage("Line 4 of chat.jsonl: not a JSON object")
			.satisfies((ex) -> assertThat(ex.line()).isEqualTo(4));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"record\":\"end\",\"rea", "{", "\0\0\0" })
	void readerSkipsALineThatIsCut(String last) {
		RecordingReader reader = new RecordingReader(new StringReader(BEGIN + "\n" + last), "chat.jsonl");
		assertThat(reader.next()).isInstanceOf(RecordingEntry.Begin.class);
		assertThat(reader.isCut()).isFalse();
		assertThat(reader.next()).isNull();
		assertThat(reader.isCut()).isTrue();
		assertThat(reader.next()).isNull();
	}

	@Test
	void fileMayBeginWithAByteOrderMark() {
		RecordingReader reader = new RecordingReader(new StringReader("\uFEFF" + BEGIN + "\n"), "chat.jsonl");
		assertThat(reader.next()).isInstanceOf(RecordingEntry.Begin.class);
		assertThat(reader.next()).isNull();
	}

	@Test
	void lastLineNeedsNoLineBreak() {
		RecordingReader reader = new RecordingReader(
				new StringReader(BEGIN + "\r\n" + RecordingFormat.line(new RecordingEntry.End("size"))), "x");
		assertThat(reader.next()).isInstanceOf(RecordingEntry.Begin.class);
		assertThat(reader.next()).isEqualTo(new RecordingEntry.End("size"));
		assertThat(reader.next()).isNull();
		assertThat(reader.isCut()).isFalse();
		RecordingReader invalid = new RecordingReader(new StringReader(BEGIN + "\n{\"record\":\"end\"}"), "x");
		invalid.next();
		assertThatExceptionOfType(InvalidRecordingException.class).isThrownBy(invalid::next)
			.withMessage("Line 2 of x: 'reason' is missing");
	}

	@Test
	void longLinesAreReadWhole() {
		StringBuilder text = new StringBuilder(BEGIN);
		List<RecordingEntry> messages = new ArrayList<>();
		for (int length : new int[] { 0, 65_000, 65_536, 200_000, 1 }) {
			RecordingEntry message = message(FrameType.TEXT, new Excerpt("x".repeat(length), Encoding.TEXT, false));
			messages.add(message);
			text.append('\n').append(RecordingFormat.line(message));
		}
		RecordingReader reader = new RecordingReader(new StringReader(text.toString()), "x");
		reader.next();
		for (RecordingEntry message : messages) {
			assertThat(reader.next()).isEqualTo(message);
		}
		assertThat(reader.next()).isNull();
		assertThat(reader.line()).isEqualTo(6);
	}

	@Test
	void memoryForALineIsBounded() {
		Reader endless = new Reader() {

			@Override
			public int read(char[] target, int offset, int length) {
				Arrays.fill(target, offset, offset + length, 'x');
				return length;
			}

			@Override
			public void close() {
			}

		};
		assertThatExceptionOfType(InvalidRecordingException.class)
			.isThrownBy(() -> new RecordingReader(endless, "x").next())
			.withMessage("Line 1 of x: longer than 67108864 characters");
	}

	@Test
	void readerRejectsWhatIsNoRecording() {
		RecordingReader reader = new RecordingReader(new StringReader("{\"record\":\"end\",\"reason\":\"size\"}"), "x");
		assertThatExceptionOfType(InvalidRecordingException.class).isThrownBy(reader::next)
			.withMessage("Line 1 of x: not the beginning of a recording");
	}

}
