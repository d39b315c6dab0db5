package dev.wspolicy.test;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.recording.InvalidRecordingException;
import dev.wspolicy.recording.RecordingEntry;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.redaction.Excerpt.Redacted;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.test.ReplayReport.Difference;
import dev.wspolicy.test.Treatment.Kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Recordings that are replayed through two lists of policies.
 */
class ReplayTests {

	private static final FramePolicy FORWARDS = (frame, context) -> Verdict.forward();

	private RecordingScript recording;

	@BeforeEach
	void begin(@TempDir Path directory) {
		this.recording = new RecordingScript(directory.resolve("chat.jsonl"));
	}

	private ReplayReport compare(FramePolicy after) {
		return compare(FORWARDS, after);
	}

	private ReplayReport compare(FramePolicy before, FramePolicy after) {
		return PolicyTester.replay(this.recording.write())
			.through(PolicyTester.annotated(before))
			.comparedWith(PolicyTester.annotated(after));
	}

	@ParameterizedTest
	@CsvSource({ "INBOUND, drop, dropped by obeys", "INBOUND, change, changed by obeys",
			"INBOUND, reply, replied by obeys", "INBOUND, close, 'closed (client: 4000, upstream: 1001) by obeys'",
			"INBOUND, fail, 'closed (client: 1011, upstream: 1011) by obeys'",
			"INBOUND, closeInPassing, 'closed (client: 4001, upstream: 4001) by obeys'",
			"OUTBOUND, drop, dropped by obeys", "OUTBOUND, change, changed by obeys",
			"OUTBOUND, reply, replied by obeys", "OUTBOUND, close, 'closed (client: 4000, upstream: 1001) by obeys'",
			"OUTBOUND, fail, 'closed (client: 1011, upstream: 1011) by obeys'" })
	void findsEachVerdict(Direction direction, String text, String treatment) {
		this.recording.open().client("hello").upstream("welcome").text(direction, FrameType.TEXT, true, text);
		ReplayReport report = compare(new Obeys());
		assertThat(report.messages()).isEqualTo(3);
		assertThat(report.different(direction)).isEqualTo(1);
		assertThat(report.different()).isEqualTo(1);
		Difference difference = report.differences().get(0);
		assertThat(difference.direction()).isEqualTo(direction);
		assertThat(difference.before()).hasToString("forwarded");
		assertThat(difference.after()).hasToString(treatment);
		assertThat(difference.examples()).singleElement().satisfies((example) -> {
			assertThat(example.line()).isEqualTo(5);
			assertThat(example.session()).isEqualTo("s");
			assertThat(example.message()).isEqualTo("text \"" + text + "\"");
			assertThat(example.redacted()).isFalse();
		});
	}

	@Test
	void pipelinesThatDoTheSameDoNotDiffer() {
		this.recording.open();
		for (String text : List.of("drop", "change", "same", "reply", "hello", "close", "late")) {
			this.recording.client(text);
		}
		ReplayReport report = compare(new Obeys(), new Obeys());
		assertThat(report.differences()).isEmpty();
		assertThat(report.messages()).isEqualTo(6);
		assertThat(report.notReached()).isEqualTo(1);
	}

	@Test
	void replacementByTheSameTextIsNoDifference() {
		this.recording.open().client("same");
		assertThat(compare(new Obeys()).differences()).isEmpty();
	}

	@Test
	void differentReplacementsAndCodesAreDifferences() {
		this.recording.open().client("a").in("t").open().client("b");
		FramePolicy before = (frame, context) -> "a".equals(((TextFrame) frame).text()) ? Verdict.replaceText("1")
				: Verdict.close(CloseStatus.of(4000));
		FramePolicy after = (frame, context) -> "a".equals(((TextFrame) frame).text()) ? Verdict.replaceText("2")
				: Verdict.close(CloseStatus.of(4001));
		ReplayReport report = compare(before, after);
		assertThat(report.differences()).extracting((difference) -> difference.after().kind())
			.containsExactly(Kind.CHANGED, Kind.CLOSED);
		assertThat(report.differences().get(0).examples().get(0))
			.hasToString("line 3, session s: text \"a\" -> \"1\" / \"2\"");
	}

	@Test
	void whatComesAfterAClosedSessionIsNotCompared() {
		this.recording.open().client("close").client("more").upstream("more").in("t").open().client("hello");
		ReplayReport report = compare(new Obeys());
		assertThat(report.messages()).isEqualTo(2);
		assertThat(report.notReached()).isEqualTo(2);
		assertThat(report.sessionsDifferent()).isZero();
	}

	@Test
	void reportIsReadable() {
		this.recording.open();
		for (int i = 0; i < 5; i++) {
			this.recording.client("drop");
		}
		this.recording.entry(new RecordingEntry.Dropped(7)).client("close").client("more");
		assertThat(compare(new Obeys()).toString()).endsWith("""
				chat.jsonl: 6 messages of 1 sessions compared, 6 treated differently
				  inbound         5  forwarded -> dropped by obeys
				      line 3, session s: text "drop"
				      line 4, session s: text "drop"
				      line 5, session s: text "drop"
				  inbound         1  forwarded -> closed (client: 4000, upstream: 1001) by obeys
				      line 9, session s: text "close"
				  1 messages not compared: a pipeline had closed the session before
				  7 lines are missing in the recording
				""");
	}

	@Test
	void timersGoOffAtTheRecordedTimes() {
		FramePolicy closesAfterAMinute = new FramePolicy() {

			@Override
			public void onOpen(ProxiedSession session) {
				session.schedule(Duration.ofMinutes(1), () -> session.close(CloseStatus.of(4002)));
			}

			@Override
			public Verdict apply(Frame frame, FrameContext context) {
				return Verdict.forward();
			}

		};
		this.recording.open()
			.after(Duration.ofSeconds(59))
			.client("in time")
			.after(Duration.ofSeconds(2))
			.client("too late")
			.after(Duration.ofHours(1))
			.close(Initiator.CLIENT, Cause.CLOSE_FRAME);
		ReplayReport report = compare(closesAfterAMinute);
		assertThat(report.messages()).isEqualTo(1);
		assertThat(report.notReached()).isEqualTo(1);
		assertThat(report.sessionsDifferent()).isEqualTo(1);
		assertThat(report.differences()).singleElement().satisfies((difference) -> {
			assertThat(difference.direction()).isNull();
			assertThat(difference.before().kind()).isEqualTo(Kind.OPEN);
			assertThat(difference.after()).hasToString("closed (client: 4002, upstream: 4002), requested");
		});
	}

	@Test
	void verdictsThatComeLaterAreAwaited() {
		ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
		try {
			FramePolicy later = (frame, context) -> {
				CompletableFuture<Verdict> verdict = new CompletableFuture<>();
				executor.schedule(() -> verdict.complete(Verdict.drop()), 10, TimeUnit.MILLISECONDS);
				return Verdict.later(verdict);
			};
			this.recording.open().client("a").client("b").upstream("c");
			ReplayReport report = compare(later);
			assertThat(report.different(Direction.INBOUND)).isEqualTo(2);
			assertThat(report.different(Direction.OUTBOUND)).isEqualTo(1);
		}
		finally {
			executor.shutdown();
		}
	}

	@Test
	void verdictsCanWaitForTheVirtualClock() {
		FramePolicy delays = (frame, context) -> {
			CompletableFuture<Verdict> verdict = new CompletableFuture<>();
			context.session().schedule(Duration.ofSeconds(1), () -> verdict.complete(Verdict.forward()));
			return Verdict.later(verdict);
		};
		this.recording.open().client("a").client("b").after(Duration.ofSeconds(5)).client("c");
		ReplayReport report = compare(delays);
		assertThat(report.messages()).isEqualTo(3);
		assertThat(report.differences()).singleElement().satisfies((difference) -> {
			assertThat(difference.after().kind()).isEqualTo(Kind.HELD);
			assertThat(difference.examples().get(0).message()).isEqualTo("text \"c\"");
		});
	}

	@Test
	void messagesWithoutTheirPayloadAreSkipped() {
		this.recording.open()
			.frame(Direction.INBOUND, Origin.PEER, FrameType.TEXT, true, 10, null)
			.frame(Direction.INBOUND, Origin.PEER, FrameType.TEXT, true, 10, Excerpt.withheld("drop"))
			.frame(Direction.INBOUND, Origin.PEER, FrameType.TEXT, true, 10, new Excerpt("drop", Encoding.TEXT, true))
			.client("drop");
		ReplayReport report = compare(new Obeys());
		assertThat(report.withoutPayload()).isEqualTo(3);
		assertThat(report.different()).isEqualTo(1);
		assertThat(report.redacted()).isZero();
	}

	@Test
	void missingPayloadsCanBeFilled() {
		this.recording.open()
			.frame(Direction.INBOUND, Origin.PEER, FrameType.BINARY, true, 10, null)
			.frame(Direction.INBOUND, Origin.PEER, FrameType.BINARY, true, 11, null);
		ReplayReport report = PolicyTester.replay(this.recording.write())
			.fillMissingPayloads()
			.through(PolicyTester.inbound(FORWARDS))
			.comparedWith(PolicyTester
				.inbound((frame, context) -> (frame.length() > 10) ? Verdict.drop() : Verdict.forward()));
		assertThat(report.messages()).isEqualTo(2);
		assertThat(report.redacted()).isEqualTo(2);
		assertThat(report.different()).isEqualTo(1);
	}

	@Test
	void redactedMessagesAreToldApart() {
		this.recording.open()
			.frame(Direction.INBOUND, Origin.PEER, FrameType.TEXT, true, 9,
					new Excerpt("drop", Encoding.TEXT, false, Redacted.PART))
			// Was not UTF-8
			.frame(Direction.INBOUND, Origin.PEER, FrameType.TEXT, true, 4,
					new Excerpt("\ufffd", Encoding.TEXT, false));
		ReplayReport report = compare(new Obeys());
		assertThat(report.redacted()).isEqualTo(2);
		assertThat(report.differences().get(0).examples().get(0))
			.hasToString("line 3, session s: text \"drop\" (redacted)");
		assertThat(report.toString())
			.contains("2 messages replayed with redacted or made up values, 1 of them treated differently");
	}

	@ParameterizedTest
	@EnumSource
	void fragmentsAreOneMessage(Direction direction) {
		this.recording.open()
			.text(direction, FrameType.CONTINUATION, true, "end of a message before the recording")
			.text(direction, FrameType.TEXT, false, "dr")
			.text(direction.opposite(), FrameType.TEXT, true, "hello")
			.text(direction, FrameType.PING, true, "?")
			.text(direction, FrameType.CONTINUATION, true, "op")
			.text(direction, FrameType.TEXT, false, "cut");
		ReplayReport report = compare(new Obeys());
		assertThat(report.messages()).isEqualTo(3);
		assertThat(report.incomplete()).isEqualTo(2);
		assertThat(report.differences()).singleElement()
			.satisfies((difference) -> assertThat(difference.examples().get(0).message()).isEqualTo("text \"drop\""));
	}

	@Test
	void fragmentsOfASampleAreNotJoined() {
		this.recording.entry(new RecordingEntry.Begin(1, "tap", Instant.parse("2026-03-01T09:00:00Z"), 0.5))
			.open()
			.text(Direction.INBOUND, FrameType.TEXT, false, "dr")
			.text(Direction.INBOUND, FrameType.CONTINUATION, true, "op")
			.client("drop");
		ReplayReport report = compare(new Obeys());
		assertThat(report.messages()).isEqualTo(1);
		assertThat(report.incomplete()).isEqualTo(1);
	}

	@Test
	void fragmentsAreForgottenWhereLinesAreMissing() {
		this.recording.open()
			.text(Direction.INBOUND, FrameType.TEXT, false, "dr")
			.entry(new RecordingEntry.Dropped(2))
			.text(Direction.INBOUND, FrameType.CONTINUATION, true, "op")
			.client("drop");
		ReplayReport report = compare(new Obeys());
		assertThat(report.different()).isEqualTo(1);
		assertThat(report.messages()).isEqualTo(1);
		assertThat(report.incomplete()).isEqualTo(2);
	}

	@Test
	void sessionWithoutBeginningOrEnd() {
		this.recording.client("drop").in("t").upstream("drop").in("s").client("hello");
		ReplayReport report = compare(new Obeys());
		assertThat(report.sessions()).isEqualTo(2);
		assertThat(report.messages()).isEqualTo(3);
		assertThat(report.different()).isEqualTo(2);
		assertThat(report.sessionsDifferent()).isZero();
	}

	@Test
	void closeFramesOfThePeersEndTheSession() {
		this.recording.open()
			.client("hello")
			.text(Direction.INBOUND, FrameType.CLOSE, true, "1000 bye")
			.text(Direction.OUTBOUND, FrameType.CLOSE, true, "1000")
			.close(Initiator.CLIENT, Cause.CLOSE_FRAME)
			.in("t")
			.open()
			.close(Initiator.UPSTREAM, Cause.CONNECTION_LOST);
		ReplayReport report = compare(new Obeys());
		assertThat(report.messages()).isEqualTo(2);
		assertThat(report.differences()).isEmpty();
		assertThat(report.notReached()).isZero();
	}

	@Test
	void framesOfTheRecordedGatewayAreNotReplayed() {
		Excerpt mark = new Excerpt("AAECAwQFBgc=", Encoding.BASE64, false);
		this.recording.open()
			.frame(Direction.OUTBOUND, Origin.GATEWAY, FrameType.PING, true, 8, mark)
			.frame(Direction.INBOUND, Origin.PEER, FrameType.PONG, true, 8, mark)
			.frame(Direction.INBOUND, Origin.POLICY, FrameType.TEXT, true, 4, new Excerpt("drop", Encoding.TEXT, false))
			.text(Direction.INBOUND, FrameType.PONG, true, "of the client");
		ReplayReport report = compare(new Obeys());
		assertThat(report.messages()).isEqualTo(1);
		assertThat(report.differences()).isEmpty();
	}

	@Test
	void recordedRequestIsSeen() {
		FramePolicy policy = (frame,
				context) -> Verdict.replaceText(context.upgrade().path() + " " + context.upgrade().routeId() + " "
						+ context.session().principal().getName() + " "
						+ context.upgrade().headers().getFirst("X-Tenant"));
		this.recording.open("/chat/1", "chat", "chat", "ana").client("a");
		ReplayReport report = PolicyTester.replay(this.recording.write())
			.through(PolicyTester.inbound(FORWARDS))
			.comparedWith(PolicyTester.inbound(policy).header("X-Tenant", "blue").principal("nobody"));
		assertThat(report.differences().get(0).examples().get(0).after()).isEqualTo("\"/chat/1 chat ana blue\"");
	}

	@Test
	void onlyTheSessionsOfOnePipeline() {
		this.recording.open("/a", "a", "a", null).client("drop").in("t").open("/b", "b", "b", null).client("drop");
		ReplayReport report = PolicyTester.replay(this.recording.write())
			.recordedIn("b")
			.through(PolicyTester.inbound(FORWARDS))
			.comparedWith(PolicyTester.inbound(new Obeys()));
		assertThat(report.sessions()).isEqualTo(1);
		assertThat(report.differences().get(0).examples().get(0).session()).isEqualTo("t");
	}

	@Test
	void brokenLineIsNamed() {
		this.recording.open().client("hello").line("{\"record\":\"frame\",\"session\":\"s\"}");
		assertThatExceptionOfType(InvalidRecordingException.class).isThrownBy(() -> compare(new Obeys()))
			.withMessageStartingWith("Line 4 of ")
			.withMessageEndingWith("chat.jsonl: 'direction' is missing");
	}

	@Test
	void lineThatIsCutIsMissing() {
		this.recording.open().client("drop").cut("{\"record\":\"frame\",\"sess");
		ReplayReport report = compare(new Obeys());
		assertThat(report.different()).isEqualTo(1);
		assertThat(report.missing()).isEqualTo(1);
	}

	@Test
	void policyThatThrowsAnErrorClosesTheSession() {
		this.recording.open().client("error").client("more");
		ReplayReport report = compare((frame, context) -> {
			throw new StackOverflowError();
		});
		assertThat(report.differences()).singleElement()
			.satisfies((difference) -> assertThat(difference.after().kind()).isEqualTo(Kind.CLOSED));
		assertThat(report.notReached()).isEqualTo(1);
	}

	@Test
	void pathOfAnyKindIsSeen() {
		FramePolicy policy = (frame, context) -> Verdict.replaceText(context.upgrade().path());
		this.recording.open("//chat/1", "chat", "chat", null).client("a");
		assertThat(compare(policy).differences().get(0).examples().get(0).after()).isEqualTo("\"//chat/1\"");
	}

	@Test
	void withheldSubprotocolIsTold() {
		this.recording
			.entry(new RecordingEntry.Open("s", Instant.EPOCH, "/", "chat", "chat", RecordingEntry.Open.WITHHELD, null))
			.client("hello");
		ReplayReport report = compare(FORWARDS);
		assertThat(report.withoutSubprotocol()).isEqualTo(1);
		assertThat(report.toString()).contains("1 sessions replayed without their subprotocol, which is withheld");
	}

	@Test
	void controlFramesThatCannotBeSentAreSkipped() {
		Excerpt longer = new Excerpt("x".repeat(126), Encoding.TEXT, false, Redacted.PART);
		this.recording.open()
			.frame(Direction.INBOUND, Origin.PEER, FrameType.PING, true, 120, longer)
			.frame(Direction.INBOUND, Origin.PEER, FrameType.CLOSE, true, 20, new Excerpt("", Encoding.TEXT, true))
			.client("drop");
		ReplayReport report = compare(new Obeys());
		assertThat(report.withoutPayload()).isEqualTo(2);
		assertThat(report.messages()).isEqualTo(1);
		assertThat(report.different()).isEqualTo(1);
	}

	@Test
	void reportShowsWhatWasSentInItsLine() {
		this.recording.in("s\u001b[2J").open().client("a\n  inbound  0  forged \u001b[31m\u202e \u00e4");
		ReplayReport report = compare((frame, context) -> Verdict.drop());
		assertThat(report.toString())
			.contains("session s\\u001b[2J: text \"a\\n  inbound  0  forged \\u001b[31m\\u202e \u00e4\"");
	}

	@Test
	void nothingToCompareWith() {
		assertThatIllegalStateException()
			.isThrownBy(() -> PolicyTester.replay(this.recording.write()).comparedWith(PolicyTester.inbound(FORWARDS)))
			.withMessageContaining("through");
	}

	/** Does what a text says. */
	static final class Obeys implements TextPolicy {

		@Override
		public Verdict apply(String text, FrameContext context) {
			return switch (text) {
				case "drop" -> Verdict.drop();
				case "change" -> Verdict.replaceText("changed");
				case "same" -> Verdict.replaceText("same");
				case "reply" -> Verdict.replyText("answer");
				case "close" -> Verdict.close(CloseStatus.of(4000), CloseStatus.GOING_AWAY);
				case "fail" -> throw new IllegalStateException("failed");
				case "closeInPassing" -> {
					context.session().close(CloseStatus.of(4001));
					yield Verdict.forward();
				}
				default -> Verdict.forward();
			};
		}

	}

}
