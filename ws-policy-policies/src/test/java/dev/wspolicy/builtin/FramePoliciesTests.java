package dev.wspolicy.builtin;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.builtin.support.ViolationSettings.Action;
import dev.wspolicy.builtin.support.ViolationVerdict;
import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The frame policies, without a session.
 */
class FramePoliciesTests {

	private static final ViolationSettings CLOSE = new ViolationSettings(Action.CLOSE, null, "", "");

	private static final ViolationSettings DROP = new ViolationSettings(Action.DROP, null, "", "");

	@Test
	void violationClosesTheSenderWithTheCodeAndTheOtherLegWithGoingAway() {
		ViolationVerdict violation = CLOSE.verdict("x", CloseStatus.TOO_BIG);
		assertThat(violation.in(Contexts.inbound())).isEqualTo(Verdict.closeSender(CloseStatus.TOO_BIG));
		assertThat(violation.in(Contexts.outbound())).isEqualTo(Verdict.closeSender(CloseStatus.TOO_BIG));
		CloseStatus own = CloseStatus.of(4400, "no");
		assertThat(new ViolationSettings(Action.CLOSE, 4400, "no", "").verdict("x", CloseStatus.TOO_BIG)
			.in(Contexts.inbound())).isEqualTo(Verdict.closeSender(own));
	}

	@ParameterizedTest
	@CsvSource({ "CLOSE, 1005, '', ''", "CLOSE, , '', x", "DROP, 1008, '', ''", "DROP, , reason, ''", "DROP, , '', x",
			"REPLY, , '', ''", "REPLY, 1005, '', x" })
	void contradictingSettings(Action action, @Nullable Integer code, String reason, String message) {
		ViolationSettings onViolation = new ViolationSettings(action, code, reason, message);
		assertThatIllegalArgumentException().isThrownBy(() -> onViolation.verdict("x", CloseStatus.TOO_BIG))
			.withMessageStartingWith("on-violation: ");
	}

	@Test
	void allowedTypes() {
		FramePolicy policy = new AllowedTypesPolicy(new AllowedTypesPolicy.Settings(Set.of(FrameType.TEXT), CLOSE));
		assertThat(inbound(policy, text("x"))).isEqualTo(Verdict.forward());
		assertThat(inbound(policy, BinaryFrame.of(new byte[1])))
			.isEqualTo(Verdict.closeSender(CloseStatus.UNSUPPORTED_DATA));
		assertThat(policy.apply(BinaryFrame.of(new byte[1]), Contexts.outbound()))
			.isEqualTo(Verdict.closeSender(CloseStatus.UNSUPPORTED_DATA));
	}

	@Test
	void allowedTypesRequiresDataFrames() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new AllowedTypesPolicy(new AllowedTypesPolicy.Settings(Set.of(FrameType.PING), CLOSE)));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new AllowedTypesPolicy(new AllowedTypesPolicy.Settings(Set.of(), CLOSE)));
	}

	@ParameterizedTest
	@CsvSource({ "4, , , 4, 4", "4, 2, , 2, 4", "4, , 2, 4, 2", ", 2, , 2, 100", ", , 2, 100, 2" })
	void sizeLimit(@Nullable Long bytes, @Nullable Long text, @Nullable Long binary, int longestText,
			int longestBinary) {
		FramePolicy policy = new SizeLimitPolicy(
				new SizeLimitPolicy.Settings(size(bytes), size(text), size(binary), DROP));
		assertThat(inbound(policy, text("x".repeat(longestText)))).isEqualTo(Verdict.forward());
		assertThat(inbound(policy, BinaryFrame.of(new byte[longestBinary]))).isEqualTo(Verdict.forward());
		if (longestText < 100) {
			assertThat(inbound(policy, text("x".repeat(longestText + 1)))).isEqualTo(Verdict.drop());
		}
		if (longestBinary < 100) {
			assertThat(inbound(policy, BinaryFrame.of(new byte[longestBinary + 1]))).isEqualTo(Verdict.drop());
		}
	}

	private static @Nullable DataSize size(@Nullable Long bytes) {
		return (bytes != null) ? DataSize.ofBytes(bytes) : null;
	}

	@Test
	void sizeLimitRequiresASize() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new SizeLimitPolicy(new SizeLimitPolicy.Settings(null, null, null, CLOSE)))
			.withMessageContaining("missing");
		assertThatIllegalArgumentException().isThrownBy(
				() -> new SizeLimitPolicy(new SizeLimitPolicy.Settings(DataSize.ofBytes(-1), null, null, CLOSE)));
	}

	@Test
	void denyNul() {
		FramePolicy policy = new DenyNulPolicy(new DenyNulPolicy.Settings(DROP));
		assertThat(inbound(policy, text("nul \\u0000"))).isEqualTo(Verdict.forward());
		assertThat(inbound(policy, text(""))).isEqualTo(Verdict.forward());
		assertThat(inbound(policy, text("äö\u0000"))).isEqualTo(Verdict.drop());
	}

	@Test
	void textPatternDenies() {
		FramePolicy policy = textPattern(TextPatternPolicy.Action.DENY, "***", "(?i)secret", "\\d{16}");
		assertThat(inbound(policy, text("my SECRET"))).isEqualTo(Verdict.drop());
		assertThat(inbound(policy, text("4111111111111111"))).isEqualTo(Verdict.drop());
		assertThat(inbound(policy, text("411111111111111"))).isEqualTo(Verdict.forward());
	}

	@Test
	void textPatternMasks() {
		FramePolicy policy = textPattern(TextPatternPolicy.Action.MASK, "*$1\\$", "\\d{12}(\\d{4})", "s(ecre)t");
		assertThat(textOf(inbound(policy, text("4111111111111234 and secret, secret"))))
			.isEqualTo("*1234$ and *ecre$, *ecre$");
		assertThat(inbound(policy, text("nothing"))).isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@ValueSource(strings = { "(", "a*", "(?=x)", "(a)\\1", "[0-9]{13" })
	void textPatternRejectsInvalidExpressions(String expression) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> textPattern(TextPatternPolicy.Action.DENY, "", expression))
			.withMessageStartingWith("patterns: ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "(?<=a)b", "(?<!a)b", "a(?=b)", "a(?!b)", "(a)\\1" })
	void textPatternNamesWhatRe2DoesNotHave(String expression) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> textPattern(TextPatternPolicy.Action.DENY, "", expression))
			.withMessageEndingWith("neither lookahead, lookbehind nor backreferences, which RE2 does not have)");
	}

	@ParameterizedTest
	@ValueSource(strings = { "$", "$2", "${a}", "\\", "\\n" })
	void textPatternRejectsInvalidReplacements(String replacement) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> textPattern(TextPatternPolicy.Action.MASK, replacement, "(a)"))
			.withMessageStartingWith("replacement: ");
	}

	@Test
	@Timeout(30)
	void patternsWithQuadraticSearchAreStopped() {
		FramePolicy policy = textPattern(TextPatternPolicy.Action.MASK, "***", "(?:a.*b)|a");
		Verdict verdict = policy.apply(TextFrame.of("a".repeat(200_000)), Contexts.inbound());
		assertThat(verdict).isInstanceOfSatisfying(Verdict.Later.class,
				(later) -> assertThat(later.verdict().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join())
					.isEqualTo(Verdict.closeSender(CloseStatus.POLICY_VIOLATION.withReason("cannot be searched"))));
	}

	private static FramePolicy textPattern(TextPatternPolicy.Action action, String replacement, String... patterns) {
		return new TextPatternPolicy(new TextPatternPolicy.Settings(List.of(patterns), action, replacement,
				(action == TextPatternPolicy.Action.DENY) ? DROP : CLOSE));
	}

	private static String textOf(Verdict verdict) {
		return ((TextFrame) ((Verdict.Replace) verdict).frames().get(0)).text();
	}

	/**
	 * Returns the verdict, even if the evaluation moves to a worker thread on a busy
	 * machine.
	 */
	private static Verdict inbound(FramePolicy policy, Frame frame) {
		Verdict verdict = policy.apply(frame, Contexts.inbound());
		return (verdict instanceof Verdict.Later later)
				? later.verdict().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join() : verdict;
	}

	private static TextFrame text(String text) {
		return TextFrame.of(text);
	}

}
