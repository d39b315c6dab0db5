package dev.wspolicy.builtin;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.BDDMockito;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.springframework.boot.convert.DurationStyle;
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
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.recording.RecordingFile;
import dev.wspolicy.recording.RecordingLimits;
import dev.wspolicy.recording.Recordings;
import dev.wspolicy.session.ProxiedSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * The log lines of frames.
 */
class FrameLogPolicyTests {

	private static final Recordings RECORDINGS = new Recordings((subprotocol) -> true);

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
	void lineDescribesFrameAndSession() {
		log(settings(1, Set.of(), false, "1KB", List.of(), List.of()), TextFrame.of("secret"));
		assertThat(messages()).containsExactly("WebSocket frame: session=s1 route=route pipeline=chat "
				+ "principal=alice direction=inbound type=text length=6");
	}

	@Test
	void lineHasKeyValuePairs() {
		log(settings(1, Set.of(), true, "1KB", List.of(), List.of()), TextFrame.of("hello"));
		assertThat(this.lines.list).singleElement()
			.satisfies((event) -> assertThat(event.getKeyValuePairs().stream().map(KeyValuePair::toString))
				.containsExactly("session=\"s1\"", "route=\"route\"", "pipeline=\"chat\"", "principal=\"alice\"",
						"direction=\"inbound\"", "type=\"text\"", "length=\"5\"", "payload=\"hello\""));
	}

	@Test
	void valuesAreEscaped() {
		log(settings(1, Set.of(), true, "1KB", List.of(), List.of()), TextFrame.of("ä\n\"x\" \u2028=1\\"));
		assertThat(payload()).isEqualTo("\"ä\\u000a\\\"x\\\" \\u2028=1\\\\\"");
	}

	@Test
	void payloadsAreRedactedAndTruncated() {
		// A payload is withheld while its redaction takes too long on a busy machine.
		await().untilAsserted(() -> {
			this.lines.list.clear();
			log(settings(1, Set.of(), true, "16B", List.of("/pin"), List.of("[0-9]{4}")),
					TextFrame.of("{\"pin\":\"x\",\"a\":12345678}"));
			assertThat(payload()).isEqualTo("\"{\\\"pin\\\":\\\"***\\\",\\\"a\\\"\" truncated=true");
		});
	}

	@Test
	void bytesAreLoggedInBase64() {
		log(settings(1, Set.of(), true, "1KB", List.of(), List.of()), BinaryFrame.of(new byte[] { -1, -2, -3 }));
		assertThat(payload()).isEqualTo("//79 encoding=base64");
	}

	@Test
	void receivesConfiguredTypesOnly() {
		assertThat(FrameLogPolicy.types(settings(1, Set.of(), true, "1KB", List.of(), List.of())))
			.containsExactlyInAnyOrder(FrameType.TEXT, FrameType.BINARY);
		Set<FrameType> control = Set.of(FrameType.CLOSE, FrameType.PING);
		assertThat(FrameLogPolicy.types(settings(1, control, true, "1KB", List.of(), List.of()))).isEqualTo(control);
	}

	@Test
	void controlFrames() {
		log(settings(1, Set.of(FrameType.CLOSE, FrameType.PING), true, "1KB", List.of(), List.of()),
				CloseFrame.of(CloseStatus.of(4000, "reason")), PingFrame.of("p".getBytes(StandardCharsets.UTF_8)));
		assertThat(messages()).extracting((line) -> line.substring(line.indexOf(" type=")))
			.containsExactly(" type=close length=8 code=4000", " type=ping length=1 payload=p");
	}

	@Test
	void logsASample() {
		FrameLogPolicy.Settings settings = settings(0.5, Set.of(), false, "1KB", List.of(), List.of());
		FrameLogPolicy policy = policy(settings);
		for (int i = 0; i < 1000; i++) {
			policy.apply(TextFrame.of("x"), context());
		}
		assertThat(messages()).hasSizeBetween(300, 700);
	}

	@Test
	void disabledLoggerReadsNothing() {
		this.logger.setLevel(ch.qos.logback.classic.Level.WARN);
		log(settings(1, Set.of(), true, "1KB", List.of("/a"), List.of()), TextFrame.of("x"));
		assertThat(messages()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(doubles = { 0, -1, 1.1, Double.NaN })
	void invalidSamples(double sample) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> policy(settings(sample, Set.of(), true, "1KB", List.of(), List.of())))
			.withMessageStartingWith("sample: ");
	}

	@Test
	void contradictingSettings() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> policy(settings(1, Set.of(), false, "1KB", List.of("/a"), List.of())))
			.withMessageContaining("payload: true");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> policy(settings(1, Set.of(), true, "0B", List.of(), List.of())))
			.withMessageStartingWith("max-length: ");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> policy(settings(1, Set.of(), true, "2GB", List.of(), List.of())))
			.withMessage("max-length: 2147483648B (expected: at least 1B and less than 2GB)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> policy(settings(1, Set.of(FrameType.CONTINUATION), true, "1KB", List.of(), List.of())))
			.withMessageStartingWith("types: ");
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "-, 1KB, 1s, record.file: missing", "x.jsonl, 1B, 1s, record.max-size: 1B",
					"x.jsonl, 1KB, 0s, record.max-duration: PT0S", "x\0y, 1KB, 1s, record.file: Nul character",
					"src, 1KB, 1s, record.file: 'src'", "/, 1KB, 1s, record.file: '/'" })
	void invalidRecordings(@Nullable String file, String maxSize, String maxDuration, String message) {
		RecordingSettings settings = new RecordingSettings(file, DataSize.parse(maxSize),
				DurationStyle.detectAndParse(maxDuration), false);
		assertThatIllegalArgumentException().isThrownBy(() -> FrameRecording.of(settings, 1, RECORDINGS))
			.withMessageStartingWith(message);
	}

	@Test
	void policyThatIsNotUsedDoesNotEndARecording(@TempDir Path directory) {
		Logger logger = (Logger) LoggerFactory.getLogger(Recordings.class);
		logger.addAppender(this.lines);
		Path file = directory.resolve("chat.jsonl");
		ProxiedSession session = context().session();
		BDDMockito.given(session.upgrade().path()).willReturn("/chat");
		BDDMockito.given(session.openedAt()).willReturn(Instant.EPOCH);
		try (Recordings recordings = new Recordings((subprotocol) -> true)) {
			FrameLogPolicy current = new FrameLogPolicy(recording(file, "1MB"), recordings);
			current.onOpen(session);
			RecordingFile recording = recordings.in(file,
					new RecordingLimits(DataSize.ofMegabytes(1).toBytes(), Duration.ofMinutes(1)), "test", 1);
			// As by a refresh that fails
			FrameLogPolicy next = new FrameLogPolicy(recording(file, "2MB"), recordings);
			assertThat(recording.isRecording()).isTrue();
			next.onOpen(session);
			assertThat(recording.isRecording()).isFalse();
		}
		finally {
			logger.detachAppender(this.lines);
		}
		assertThat(messages()).singleElement()
			.asString()
			.contains("chat.jsonl ends")
			.contains("need the same max-size, max-duration and sample");
	}

	private static FrameLogPolicy.Settings recording(Path file, String maxSize) {
		return new FrameLogPolicy.Settings("dev.wspolicy.frames", Level.INFO, 1, Set.of(), false,
				DataSize.ofKilobytes(1), List.of(), List.of(), "***",
				new RecordingSettings(file.toString(), DataSize.parse(maxSize), Duration.ofMinutes(1), false));
	}

	private static FrameLogPolicy policy(FrameLogPolicy.Settings settings) {
		return new FrameLogPolicy(settings, RECORDINGS);
	}

	private static FrameLogPolicy.Settings settings(double sample, Set<FrameType> types, boolean payload,
			String maxLength, List<String> pointers, List<String> patterns) {
		return new FrameLogPolicy.Settings("test.frames", Level.INFO, sample, types, payload, DataSize.parse(maxLength),
				pointers, patterns, "***", null);
	}

	private static void log(FrameLogPolicy.Settings settings, Frame... frames) {
		FrameLogPolicy policy = policy(settings);
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
