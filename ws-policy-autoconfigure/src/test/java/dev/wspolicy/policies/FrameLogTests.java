package dev.wspolicy.policies;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.BDDMockito;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.springframework.http.HttpHeaders;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Lines of frames.
 */
class FrameLogTests {

	private final Logger logger = (Logger) LoggerFactory.getLogger("test.frames");

	private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

	@BeforeEach
	void listen() {
		this.lines.start();
		this.logger.addAppender(this.lines);
		this.logger.setAdditive(false);
		this.logger.setLevel(ch.qos.logback.classic.Level.INFO);
	}

	@AfterEach
	void listenNoMore() {
		this.logger.detachAppender(this.lines);
	}

	@Test
	void aLineSaysWhatAndWhere() {
		log(settings(1, Set.of(), false, "1KB", List.of(), List.of()), TextFrame.of("secret"));
		assertThat(messages()).containsExactly("WebSocket frame: session=s1 route=route pipeline=chat "
				+ "principal=alice direction=inbound type=text length=6");
	}

	@Test
	void aLineIsStructuredToo() {
		log(settings(1, Set.of(), true, "1KB", List.of(), List.of()), TextFrame.of("hello"));
		assertThat(this.lines.list).singleElement()
			.satisfies((event) -> assertThat(event.getKeyValuePairs().stream().map(KeyValuePair::toString))
				.containsExactly("session=\"s1\"", "route=\"route\"", "pipeline=\"chat\"", "principal=\"alice\"",
						"direction=\"inbound\"", "type=\"text\"", "length=\"5\"", "payload=\"hello\""));
	}

	@Test
	void nothingBreaksOutOfALine() {
		log(settings(1, Set.of(), true, "1KB", List.of(), List.of()), TextFrame.of("ä\n\"x\" \u2028=1\\"));
		assertThat(payload()).isEqualTo("\"ä\\u000a\\\"x\\\" \\u2028=1\\\\\"");
	}

	@Test
	void payloadsAreRedactedAndCut() {
		log(settings(1, Set.of(), true, "16B", List.of("/pin"), List.of("[0-9]{4}")),
				TextFrame.of("{\"pin\":\"x\",\"a\":12345678}"));
		assertThat(payload()).isEqualTo("\"{\\\"pin\\\":\\\"***\\\",\\\"a\\\"\" truncated=true");
	}

	@Test
	void bytesAreShownInBase64() {
		log(settings(1, Set.of(), true, "1KB", List.of(), List.of()), BinaryFrame.of(new byte[] { -1, -2, -3 }));
		assertThat(payload()).isEqualTo("//79 encoding=base64");
	}

	@Test
	void typesThatNobodyAskedForAreNotShown() {
		assertThat(FrameLog.types(settings(1, Set.of(), true, "1KB", List.of(), List.of())))
			.containsExactlyInAnyOrder(FrameType.TEXT, FrameType.BINARY);
		Set<FrameType> control = Set.of(FrameType.CLOSE, FrameType.PING);
		assertThat(FrameLog.types(settings(1, control, true, "1KB", List.of(), List.of()))).isEqualTo(control);
	}

	@Test
	void controlFrames() {
		log(settings(1, Set.of(FrameType.CLOSE, FrameType.PING), true, "1KB", List.of(), List.of()),
				CloseFrame.of(CloseStatus.of(4000, "reason")), PingFrame.of("p".getBytes(StandardCharsets.UTF_8)));
		assertThat(messages()).extracting((line) -> line.substring(line.indexOf(" type=")))
			.containsExactly(" type=close length=8 code=4000", " type=ping length=1 payload=p");
	}

	@Test
	void someAreSampled() {
		FrameLog.Settings settings = settings(0.5, Set.of(), false, "1KB", List.of(), List.of());
		FrameLog policy = new FrameLog(settings);
		for (int i = 0; i < 1000; i++) {
			policy.apply(TextFrame.of("x"), context());
		}
		assertThat(messages()).hasSizeBetween(300, 700);
	}

	@Test
	void nothingIsReadForALogThatIsOff() {
		this.logger.setLevel(ch.qos.logback.classic.Level.WARN);
		log(settings(1, Set.of(), true, "1KB", List.of("/a"), List.of()), TextFrame.of("x"));
		assertThat(messages()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(doubles = { 0, -1, 1.1, Double.NaN })
	void samplesAreAPart(double sample) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new FrameLog(settings(sample, Set.of(), true, "1KB", List.of(), List.of())))
			.withMessageStartingWith("sample: ");
	}

	@Test
	void settingsThatDoNotGoTogether() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new FrameLog(settings(1, Set.of(), false, "1KB", List.of("/a"), List.of())))
			.withMessageContaining("payload: true");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new FrameLog(settings(1, Set.of(), true, "0B", List.of(), List.of())))
			.withMessageStartingWith("max-length: ");
		assertThatIllegalArgumentException()
			.isThrownBy(
					() -> new FrameLog(settings(1, Set.of(FrameType.CONTINUATION), true, "1KB", List.of(), List.of())))
			.withMessageStartingWith("types: ");
	}

	private static FrameLog.Settings settings(double sample, Set<FrameType> types, boolean payload, String maxLength,
			List<String> pointers, List<String> patterns) {
		return new FrameLog.Settings("test.frames", Level.INFO, sample, types, payload, DataSize.parse(maxLength),
				pointers, patterns, "***");
	}

	private static void log(FrameLog.Settings settings, Frame... frames) {
		FrameLog policy = new FrameLog(settings);
		for (Frame frame : frames) {
			assertThat(policy.apply(frame, context())).isSameAs(Verdict.forward());
		}
	}

	private static FrameContext context() {
		ProxiedSession session = Contexts.session(Contexts.upgrade(new HttpHeaders(), List.of(), "alice"));
		BDDMockito.given(session.id()).willReturn("s1");
		BDDMockito.given(session.pipeline()).willReturn("chat");
		return Contexts.frames(Direction.INBOUND, session);
	}

	private List<String> messages() {
		return this.lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
	}

	private String payload() {
		return messages().stream()
			.map((line) -> line.substring(line.indexOf(" payload=") + " payload=".length()))
			.collect(Collectors.joining());
	}

}
