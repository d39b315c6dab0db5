package dev.wspolicy.redaction;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.redaction.Excerpt.Encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What is shown of payloads, and what is not.
 */
class RedactionTests {

	private static final byte[] NOT_UTF8 = { 'a', (byte) 0xff, 'b' };

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
	void cutsOnWholeCharacters(String text, int maxBytes, String shown, boolean truncated) {
		assertThat(Redaction.none().excerpt(TextFrame.of(text), maxBytes))
			.isEqualTo(new Excerpt(shown, Encoding.TEXT, truncated));
		assertThat(Redaction.of(List.of(), List.of("zzz")).excerpt(TextFrame.of(text), maxBytes))
			.isEqualTo(new Excerpt(shown, Encoding.TEXT, truncated));
	}

	@Test
	void pointersAreReplacedAndTheRestIsShown() {
		assertThat(this.pointers
			.excerpt(TextFrame.of("{\"user\":{\"email\":\"a@b\",\"id\":7},\"cards\":[{\"number\":1},{\"number\":2}]}"),
					1000)
			.text())
			.isEqualTo("{\"user\":{\"email\":\"***\",\"id\":7},\"cards\":[{\"number\":\"***\"},{\"number\":\"***\"}]}");
		assertThat(this.pointers.excerpt(TextFrame.of("{ \"a\" : 1 }"), 1000).text()).isEqualTo("{ \"a\" : 1 }");
	}

	@Test
	void theCutComesAfterTheRedaction() {
		Frame frame = TextFrame.of("{\"user\":{\"email\":\"somebody@example.com\"}}");
		assertThat(this.pointers.excerpt(frame, 22))
			.isEqualTo(new Excerpt("{\"user\":{\"email\":\"***\"", Encoding.TEXT, true));
		assertThat(this.patterns.excerpt(TextFrame.of("ab1234"), 5))
			.isEqualTo(new Excerpt("ab$1", Encoding.TEXT, false));
	}

	@Test
	void patternsAreReplacedByTheReplacementAsItStands() {
		assertThat(this.patterns.excerpt(TextFrame.of("pin 1234, my SECRET"), 1000).text()).isEqualTo("pin $1, my $1");
	}

	@Test
	void pointersFirstThenPatterns() {
		Redaction both = Redaction.of(List.of("/a"), List.of("b+"), "-");
		assertThat(both.excerpt(TextFrame.of("{\"a\":\"x\",\"c\":\"bbb\"}"), 1000).text())
			.isEqualTo("{\"a\":\"-\",\"c\":\"-\"}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"user\":{\"email\":\"a@b\"", "hello", "{\"a\":1,\"a\":2}", "" })
	void whatIsNotJsonIsWithheldFromPointers(String text) {
		assertThat(this.pointers.excerpt(TextFrame.of(text), 1000)).isEqualTo(new Excerpt("***", Encoding.TEXT, false));
	}

	@Test
	void fragmentsAreWithheldFromPointersOnly() {
		Frame first = Frame.of(FrameType.TEXT, false, TextFrame.of("1234").source());
		Frame second = ContinuationFrame.of("1234".getBytes(StandardCharsets.UTF_8), true);
		assertThat(this.pointers.excerpt(first, 1000).text()).isEqualTo("***");
		assertThat(this.pointers.excerpt(second, 1000).text()).isEqualTo("***");
		assertThat(this.patterns.excerpt(second, 1000).text()).isEqualTo("$1");
		assertThat(Redaction.none().excerpt(second, 1000).text()).isEqualTo("1234");
	}

	@Test
	void binaryIsTextWhereItCanBe() {
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
	void whatIsNotUtf8IsWithheldOrShownAsItCanBe() {
		Frame frame = Frame.of(FrameType.TEXT, true, BinaryFrame.of(NOT_UTF8).source());
		assertThat(Redaction.none().excerpt(frame, 1000)).isEqualTo(new Excerpt("a\ufffdb", Encoding.TEXT, false));
		assertThat(this.pointers.excerpt(frame, 1000).text()).isEqualTo("***");
		assertThat(this.patterns.excerpt(frame, 1000).text()).isEqualTo("$1");
		assertThat(frame.isInvalidUtf8()).as("looking on changes nothing").isFalse();
	}

	@Test
	void pointersAndPatternsThatAreNone() {
		assertThatIllegalArgumentException().isThrownBy(() -> Redaction.of(List.of("user"), List.of()))
			.withMessageStartingWith("pointers: 'user' (expected: ");
		assertThatIllegalArgumentException().isThrownBy(() -> Redaction.of(List.of(), List.of("(")))
			.withMessageStartingWith("patterns: ");
		assertThatIllegalArgumentException().isThrownBy(() -> Redaction.of(List.of(), List.of("a*")))
			.withMessage("patterns: 'a*' matches the empty text");
	}

}
