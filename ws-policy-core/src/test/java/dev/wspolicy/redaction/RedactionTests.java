package dev.wspolicy.redaction;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.redaction.Excerpt.Redacted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The excerpts of payloads that observers see.
 */
class RedactionTests {

	private static final byte[] NOT_UTF8 = { 'a', (byte) 0xff, 'b' };

	/** Longer than any pause of the machine. */
	private static final Duration ENOUGH = Duration.ofMinutes(5);

	private final Redaction pointers = Redaction.of(List.of("/user/email", "/cards/*/number"), List.of());

	private final Redaction patterns = Redaction.of(List.of(), List.of("[0-9]{4}", "(?i)secret"), "$1");

	@Test
	void nothingToRedact() {
		assertThat(Redaction.none().isNone()).isTrue();
		assertThat(Redaction.of(List.of(), List.of()).isNone()).isTrue();
		assertThat(this.pointers.isNone()).isFalse();
		assertThat(Redaction.none().excerpt(TextFrame.of("hello"), 5))
			.isEqualTo(new Excerpt("hello", Encoding.TEXT, false));
	}

	@ParameterizedTest
	@CsvSource({ "aäb, 4, aäb, false", "aäb, 3, aä, true", "aäb, 2, a, true", "aäb, 1, a, true", "aäb, 0, '', true",
			"aäb, -1, '', true", "😀, 3, '', true" })
	void truncatesBetweenCharacters(String text, int maxBytes, String shown, boolean truncated) {
		assertThat(Redaction.none().excerpt(TextFrame.of(text), maxBytes))
			.isEqualTo(new Excerpt(shown, Encoding.TEXT, truncated));
		assertThat(Redaction.of(List.of(), List.of("zzz")).excerpt(TextFrame.of(text), maxBytes, ENOUGH))
			.isEqualTo(new Excerpt(shown, Encoding.TEXT, truncated));
	}

	@Test
	void pointersRedactValues() {
		assertThat(this.pointers
			.excerpt(TextFrame.of("{\"user\":{\"email\":\"a@b\",\"id\":7},\"cards\":[{\"number\":1},{\"number\":2}]}"),
					1000)
			.text())
			.isEqualTo("{\"user\":{\"email\":\"***\",\"id\":7},\"cards\":[{\"number\":\"***\"},{\"number\":\"***\"}]}");
		assertThat(this.pointers.excerpt(TextFrame.of("{ \"a\" : 1 }"), 1000).text()).isEqualTo("{ \"a\" : 1 }");
	}

	@Test
	void redactsBeforeTruncating() {
		Frame frame = TextFrame.of("{\"user\":{\"email\":\"somebody@example.com\"}}");
		assertThat(this.pointers.excerpt(frame, 22))
			.isEqualTo(new Excerpt("{\"user\":{\"email\":\"***\"", Encoding.TEXT, true, Redacted.PART));
		assertThat(this.patterns.excerpt(TextFrame.of("ab1234"), 5, ENOUGH))
			.isEqualTo(new Excerpt("ab$1", Encoding.TEXT, false, Redacted.PART));
	}

	@Test
	void replacementIsLiteral() {
		assertThat(this.patterns.excerpt(TextFrame.of("pin 1234, my SECRET"), 1000, ENOUGH).text())
			.isEqualTo("pin $1, my $1");
	}

	@Test
	void pointersApplyBeforePatterns() {
		Redaction both = Redaction.of(List.of("/a"), List.of("b+"), "-");
		assertThat(both.excerpt(TextFrame.of("{\"a\":\"x\",\"c\":\"bbb\"}"), 1000, ENOUGH).text())
			.isEqualTo("{\"a\":\"-\",\"c\":\"-\"}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"user\":{\"email\":\"a@b\"", "hello", "{\"a\":1,\"a\":2}", "" })
	void pointersWithholdInvalidJson(String text) {
		assertThat(this.pointers.excerpt(TextFrame.of(text), 1000)).isEqualTo(Excerpt.withheld("***"));
	}

	@Test
	void pointersWithholdFragments() {
		Frame first = FrameAccess.frame(FrameType.TEXT, false, FrameAccess.payload(TextFrame.of("1234")));
		Frame second = ContinuationFrame.of("1234".getBytes(StandardCharsets.UTF_8), true);
		assertThat(this.pointers.excerpt(first, 1000).text()).isEqualTo("***");
		assertThat(this.pointers.excerpt(second, 1000).text()).isEqualTo("***");
		assertThat(this.patterns.excerpt(second, 1000, ENOUGH).text()).isEqualTo("$1");
		assertThat(Redaction.none().excerpt(second, 1000).text()).isEqualTo("1234");
	}

	@Test
	void binaryIsShownAsTextIfPossible() {
		assertThat(Redaction.none().excerpt(BinaryFrame.of("hi".getBytes(StandardCharsets.UTF_8)), 1000))
			.isEqualTo(new Excerpt("hi", Encoding.TEXT, false));
		assertThat(Redaction.none().excerpt(BinaryFrame.of(NOT_UTF8), 1000))
			.isEqualTo(new Excerpt("Yf9i", Encoding.BASE64, false));
		assertThat(Redaction.none().excerpt(BinaryFrame.of(NOT_UTF8), 2))
			.isEqualTo(new Excerpt("Yf8=", Encoding.BASE64, true));
		assertThat(
				this.pointers.excerpt(BinaryFrame.of("{\"user\":{\"email\":1}}".getBytes(StandardCharsets.UTF_8)), 99)
					.text())
			.isEqualTo("{\"user\":{\"email\":\"***\"}}");
	}

	@Test
	void invalidUtf8IsWithheldIfThereIsARedaction() {
		Frame frame = FrameAccess.frame(FrameType.TEXT, true, FrameAccess.payload(BinaryFrame.of(NOT_UTF8)));
		assertThat(Redaction.none().excerpt(frame, 1000)).isEqualTo(new Excerpt("a\ufffdb", Encoding.TEXT, false));
		assertThat(this.pointers.excerpt(frame, 1000).text()).isEqualTo("***");
		assertThat(this.patterns.excerpt(frame, 1000, ENOUGH).text()).isEqualTo("$1");
		assertThat(FrameAccess.isInvalidUtf8(frame)).as("looking on changes nothing").isFalse();
	}

	@Test
	void invalidPointersAndPatterns() {
		assertThatIllegalArgumentException().isThrownBy(() -> Redaction.of(List.of("user"), List.of()))
			.withMessageStartingWith("pointers: 'user' (expected: ");
		assertThatIllegalArgumentException().isThrownBy(() -> Redaction.of(List.of(), List.of("(")))
			.withMessageStartingWith("patterns: ");
		assertThatIllegalArgumentException().isThrownBy(() -> Redaction.of(List.of(), List.of("a*")))
			.withMessage("patterns: 'a*' matches the empty text");
		assertThatIllegalArgumentException().isThrownBy(() -> Redaction.of(List.of(), List.of("[0-9]{13", "19}")))
			.withMessageStartingWith("patterns: '[0-9]{13' ends within a repetition");
		assertThat(Redaction.of(List.of(), List.of("a\\{13", "19}", "[0-9]{13,19}", "[0-9]{13}"))
			.excerpt(TextFrame.of("a{13"), 10)
			.text()).isEqualTo("***");
	}

	@Test
	void slowRedactionWithholdsThePayload() {
		Redaction redaction = Redaction.of(List.of(), List.of("(?:a.*b)|a"));
		Frame frame = TextFrame.of("a".repeat(100_000));
		assertThat(redaction.excerpt(frame, 1000)).isEqualTo(Excerpt.withheld("***"));
		assertThat(redaction.excerpt(frame, 1000, Duration.ofMillis(20))).isEqualTo(Excerpt.withheld("***"));
	}

	@Test
	void escapesDoNotHideMatches() {
		Redaction redaction = Redaction.of(List.of(), List.of("ann@example"));
		assertThat(redaction.excerpt(TextFrame.of("{\"a\":\"\\u0061nn\\u0040example\",\"n\":-0}"), 1000, ENOUGH).text())
			.isEqualTo("{\"a\":\"***\",\"n\":-0}");
		assertThat(redaction.excerpt(TextFrame.of("{\"\\u0061nn@example\":1}"), 1000, ENOUGH).text())
			.isEqualTo("{\"***\":1}");
		assertThat(redaction.excerpt(TextFrame.of("\\u0061nn@example"), 1000, ENOUGH).text()).isEqualTo("***");
		assertThat(redaction.excerpt(TextFrame.of("{ \"a\" : \"x\\n\\\"y\\u0061\" }"), 1000, ENOUGH).text())
			.isEqualTo("{\"a\":\"x\\n\\\"ya\"}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "[\"{\\\"user\\\":{\\\"email\\\":1}}\"]", "\"{\\\"user\\\":1}\"", "[1,\" [1]\"]" })
	void pointersWithholdJsonWithinStrings(String text) {
		assertThat(this.pointers.excerpt(TextFrame.of(text), 1000).text()).isEqualTo("***");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"a\":\"s\\u0065cret\"}\u001e", "{}\n{\"a\":\"s\\u0065cret\"}", "42[\"s\\u0065cret\"]",
			"a[\"s\\u0065cret\"]", "[\"{\\\"a\\\":\\\"s\\\\u0065cret\\\"}\"]", "{\"a\":\"s\\u0065cret",
			"[\"\\\"s\\u005cu0065cret\\\"\"]", "[\"\\\\\\\\s\\\\\\\\u0065cret\"]" })
	void escapesDoNotHideMatchesInAnyFraming(String text) {
		Redaction secrets = Redaction.of(List.of(), List.of("secret"));
		assertThat(secrets.excerpt(TextFrame.of(text), 1000, ENOUGH).text()).isEqualTo("***");
		assertThat(this.patterns.excerpt(TextFrame.of(text), 1000, ENOUGH).text()).doesNotContain("cret");
	}

	@ParameterizedTest
	@ValueSource(strings = { "C:\\new\\users", "a\\", "{\"a\":\"b\\u0065c\"}\u001e", "\\u12 \\uzzzz" })
	void harmlessEscapesAreShown(String text) {
		Redaction secrets = Redaction.of(List.of(), List.of("secret"));
		assertThat(secrets.excerpt(TextFrame.of(text), 1000, ENOUGH).text()).isEqualTo(text);
		assertThat(secrets.excerpt(TextFrame.of(text + "secret"), 1000, ENOUGH).text()).isEqualTo(text + "***");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer \\S+", "^Bearer [a-z]+$", "Bearer.*" })
	void matchNextToEscapesIsRedactedWithinItsString(String pattern) {
		Redaction tokens = Redaction.of(List.of(), List.of(pattern));
		String text = "{\"auth\":\"Bearer abc\",\"note\":\"a \\\"b\\\"\\nc\"}";
		assertThat(tokens.excerpt(TextFrame.of(text), 1000, ENOUGH).text())
			.isEqualTo("{\"auth\":\"***\",\"note\":\"a \\\"b\\\"\\nc\"}");
		assertThat(tokens.excerpt(TextFrame.of("{\"auth\":\"\\\\u0042earer abc\"}"), 1000, ENOUGH).text())
			.isEqualTo("***");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "[\"SEND\\n\\n{\\\"user\\\":{\\\"email\\\":1}}\\u0000\"]", "[\"\\ufeff{}\"]", "\"42[{}]\"" })
	void pointersWithholdFramedJsonWithinStrings(String text) {
		assertThat(this.pointers.excerpt(TextFrame.of(text), 1000).text()).isEqualTo("***");
	}

}
