package dev.wspolicy.test;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.stereotype.Component;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.test.Treatment.Kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Recordings that are replayed through pipelines from YAML.
 */
class ReplayPipelineTests {

	private static final String ONE_PER_SECOND = "ws-policy.pipelines.chat.inbound: [ onePerSecond ]";

	private RecordingScript recording;

	@BeforeEach
	void begin(@TempDir Path directory) {
		this.recording = new RecordingScript(directory.resolve("chat.jsonl"));
	}

	private ReplayReport compare(String before, String after, Class<?>... beans) {
		try (PipelineTester first = PipelineTester.fromYaml(before, beans).pipeline("chat");
				PipelineTester second = PipelineTester.fromYaml(after, beans).pipeline("chat")) {
			return PolicyTester.replay(this.recording.write()).through(first).comparedWith(second);
		}
	}

	@Test
	void beans() {
		this.recording.open().client("HELLO").client("hello");
		ReplayReport report = compare("ws-policy.pipelines.chat.inbound: [ deny-nul ]",
				"ws-policy.pipelines.chat.inbound: [ deny-nul, noShouting ]", NoShouting.class);
		assertThat(report.differences()).singleElement()
			.satisfies((difference) -> assertThat(difference.after()).hasToString("dropped by noShouting"));
	}

	@Test
	void observedPoliciesChangeNothing() {
		this.recording.open().client("HELLO").client("hello");
		String observed = "ws-policy.pipelines.chat.inbound: [ noShouting: { mode: observe } ]";
		ReplayReport report = compare(observed, "ws-policy.pipelines.chat.inbound: [ noShouting ]", NoShouting.class);
		assertThat(report.different(Direction.INBOUND)).isEqualTo(1);
		assertThat(report.differences().get(0).before().kind()).isEqualTo(Kind.FORWARDED);
	}

	@Test
	void limits() {
		this.recording.open().client("hello").client("hello, hello").client("more");
		ReplayReport report = compare("ws-policy.pipelines.chat: { }",
				"ws-policy.pipelines.chat.limits.inbound-message: 8B");
		assertThat(report.messages()).isEqualTo(2);
		assertThat(report.notReached()).isEqualTo(1);
		assertThat(report.differences()).singleElement()
			.satisfies((difference) -> assertThat(difference.after())
				.hasToString("closed (client: 1009, upstream: 1001), limit exceeded"));
	}

	@Test
	void timeoutsAndHeartbeatsFollowTheRecordedTime() {
		this.recording.open()
			.client("hello")
			.after(Duration.ofMinutes(9))
			.client("still here")
			.after(Duration.ofMinutes(10))
			.close(Initiator.CLIENT, Cause.CLOSE_FRAME);
		String heartbeat = "ws-policy.pipelines.chat.session.heartbeat: { interval: 30s, timeout: 10s }";
		ReplayReport report = compare(heartbeat, "ws-policy.pipelines.chat.session: { idle-timeout: 570s }");
		assertThat(report.messages()).isEqualTo(2);
		assertThat(report.different()).isZero();
		assertThat(report.differences()).singleElement().satisfies((difference) -> {
			assertThat(difference.before().kind()).isEqualTo(Kind.OPEN);
			assertThat(difference.after()).hasToString("closed (client: 1001, upstream: 1001), idle timeout");
		});
	}

	@Test
	void recordingsOfTheSameTimeFollowEachOther() {
		for (int i = 0; i < 2; i++) {
			// As if the recordings of two gateways had been put into one file
			this.recording.begin();
			messagesEachSecond(20);
		}
		assertThat(compare("ws-policy.pipelines.chat: { }", ONE_PER_SECOND, OnePerSecond.class).different()).isZero();
	}

	@Test
	void clockThatIsSetBackDoesNotStopTheTime() {
		this.recording.open();
		messagesEachSecond(20);
		this.recording.after(Duration.ofHours(-1)).upstream("welcome");
		messagesEachSecond(20);
		assertThat(compare("ws-policy.pipelines.chat: { }", ONE_PER_SECOND, OnePerSecond.class).different()).isZero();
	}

	@Test
	void clockThatIsSetForwardIsNoTimeOfYears() {
		this.recording.open();
		messagesEachSecond(2);
		this.recording.after(Duration.ofDays(50 * 365));
		messagesEachSecond(2);
		ReplayReport report = compare("ws-policy.pipelines.chat.session.heartbeat: { interval: 1s, timeout: 1s }",
				"ws-policy.pipelines.chat.session: { idle-timeout: 1h }");
		assertThat(report.messages()).isEqualTo(4);
		assertThat(report.differences()).isEmpty();
	}

	private void messagesEachSecond(int count) {
		for (int i = 0; i < count; i++) {
			this.recording.after(Duration.ofSeconds(1)).client("hello " + i);
		}
	}

	@Test
	void thousandsOfMessages() {
		for (int i = 0; i < 100; i++) {
			this.recording.in("s" + i).open();
		}
		for (int i = 0; i < 5000; i++) {
			this.recording.in("s" + i % 100).after(Duration.ofMillis(10)).client((i % 500 == 0) ? "HELLO" : "hello");
			this.recording.upstream("welcome");
		}
		ReplayReport report = compare("ws-policy.pipelines.chat: { }",
				"ws-policy.pipelines.chat.inbound: [ noShouting ]", NoShouting.class);
		assertThat(report.messages()).isEqualTo(10_000);
		assertThat(report.different()).isEqualTo(10);
		assertThat(report.differences().get(0).examples()).hasSize(3);
	}

	@Test
	void unknownPipeline() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> compare("ws-policy.pipelines.chats: { }", "ws-policy.pipelines.chat: { }"))
			.withMessageContaining("chat");
	}

	@Component
	static class NoShouting implements TextPolicy {

		@Override
		public Verdict apply(String text, FrameContext context) {
			return text.equals(text.toUpperCase(Locale.ROOT)) ? Verdict.drop() : Verdict.forward();
		}

	}

	@Component
	static class OnePerSecond implements TextPolicy {

		@Override
		public Verdict apply(String text, FrameContext context) {
			long now = context.session().clock().getAsLong();
			Object last = context.session().attributes().put("last", now);
			boolean tooFast = last != null && now - (long) last < TimeUnit.SECONDS.toNanos(1);
			return tooFast ? Verdict.drop() : Verdict.forward();
		}

	}

}
