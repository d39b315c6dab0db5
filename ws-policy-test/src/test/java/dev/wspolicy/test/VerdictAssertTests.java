package dev.wspolicy.test;

import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Each assertion holds for its own verdict and fails for another one.
 */
class VerdictAssertTests {

	private static final BinaryFrame BINARY = BinaryFrame.of(new byte[] { 1, 2 });

	@Test
	void verdictsThatMatch() {
		WsPolicyAssertions.assertThat(Verdict.forward()).forwards();
		WsPolicyAssertions.assertThat(Verdict.drop()).drops();
		WsPolicyAssertions.assertThat(Verdict.replaceText("a")).replacesText("a");
		WsPolicyAssertions.assertThat(Verdict.replace(TextFrame.of("a"), BINARY))
			.replacesWith(TextFrame.of("a"), BINARY);
		WsPolicyAssertions.assertThat(Verdict.replyText("a")).repliesText("a");
		WsPolicyAssertions.assertThat(Verdict.reply(BINARY)).repliesWith(BINARY);
		WsPolicyAssertions.assertThat(Verdict.close(CloseStatus.TOO_BIG)).closes(CloseStatus.TOO_BIG);
		WsPolicyAssertions.assertThat(Verdict.close(CloseStatus.TOO_BIG, CloseStatus.NORMAL))
			.closes(CloseStatus.TOO_BIG, CloseStatus.NORMAL);
		WsPolicyAssertions.assertThat(Verdict.closeSender(CloseStatus.TOO_BIG)).closesSender(CloseStatus.TOO_BIG);
		WsPolicyAssertions.assertThat(Verdict.later(CompletableFuture.completedFuture(Verdict.drop()))).later().drops();
	}

	@Test
	void verdictsThatDoNotMatch() {
		assertFails("forward", "drop", () -> WsPolicyAssertions.assertThat(Verdict.drop()).forwards());
		assertFails("drop", "forward", () -> WsPolicyAssertions.assertThat(Verdict.forward()).drops());
		assertFails("drop", "null", () -> WsPolicyAssertions.assertThat(null).drops());
		assertFails("replace (text \"a\")", "replace (text \"b\")",
				() -> WsPolicyAssertions.assertThat(Verdict.replaceText("b")).replacesText("a"));
		assertFails("reply (text \"a\")", "replace (text \"a\")",
				() -> WsPolicyAssertions.assertThat(Verdict.replaceText("a")).repliesText("a"));
		assertFails("reply (binary [0102])", "reply (text \"a\")",
				() -> WsPolicyAssertions.assertThat(Verdict.replyText("a")).repliesWith(BINARY));
		assertFails("close (client: 1009, upstream: 1009)", "closeSender (1009)",
				() -> WsPolicyAssertions.assertThat(Verdict.closeSender(CloseStatus.TOO_BIG))
					.closes(CloseStatus.TOO_BIG));
		assertFails("closeSender (1000)", "closeSender (1009)",
				() -> WsPolicyAssertions.assertThat(Verdict.closeSender(CloseStatus.TOO_BIG))
					.closesSender(CloseStatus.NORMAL));
	}

	@Test
	void verdictThatFailsLater() {
		IllegalStateException failure = new IllegalStateException("expected by the test");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(
					() -> WsPolicyAssertions.assertThat(Verdict.later(CompletableFuture.failedFuture(failure))).later())
			.withMessageContaining("expected by the test")
			.withCause(failure);
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> WsPolicyAssertions.assertThat(Verdict.drop()).later())
			.withMessage("Expected a verdict that comes later, but it is: drop");
	}

	private static void assertFails(String expected, String actual, Runnable assertion) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(assertion::run)
			.withMessageContaining("Expected the verdict: " + expected)
			.withMessageContaining("but it is: " + actual);
	}

}
