package dev.wspolicy.policies;

import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policies.OnViolation.Action;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The policies on frames, without a session.
 */
class FramePoliciesTests {

	private static final OnViolation CLOSE = new OnViolation(Action.CLOSE, null, "", "");

	private static final OnViolation DROP = new OnViolation(Action.DROP, null, "", "");

	@Test
	void violationClosesTheSenderWithTheCodeAndTheOtherSideWithGoingAway() {
		Refusal refusal = CLOSE.refusal("x", CloseStatus.TOO_BIG);
		assertThat(refusal.in(Contexts.inbound()))
			.isEqualTo(Verdict.close(CloseStatus.TOO_BIG, CloseStatus.GOING_AWAY));
		assertThat(refusal.in(Contexts.outbound()))
			.isEqualTo(Verdict.close(CloseStatus.GOING_AWAY, CloseStatus.TOO_BIG));
		CloseStatus own = CloseStatus.of(4400, "no");
		assertThat(new OnViolation(Action.CLOSE, 4400, "no", "").refusal("x", CloseStatus.TOO_BIG))
			.isEqualTo(Refusal.close(own));
	}

	@ParameterizedTest
	@CsvSource({ "CLOSE, 1005, '', ''", "CLOSE, , '', x", "DROP, 1008, '', ''", "DROP, , reason, ''", "DROP, , '', x",
			"REPLY, , '', ''", "REPLY, 1005, '', x" })
	void settingsThatDoNotGoTogether(Action action, @Nullable Integer code, String reason, String message) {
		OnViolation onViolation = new OnViolation(action, code, reason, message);
		assertThatIllegalArgumentException().isThrownBy(() -> onViolation.refusal("x", CloseStatus.TOO_BIG))
			.withMessageStartingWith("on-violation: ");
	}

	@Test
	void allowedTypes() {
		FramePolicy policy = new AllowedTypes(new AllowedTypes.Settings(Set.of(FrameType.TEXT), CLOSE));
		assertThat(inbound(policy, text("x"))).isEqualTo(Verdict.forward());
		assertThat(inbound(policy, BinaryFrame.of(new byte[1])))
			.isEqualTo(Verdict.close(CloseStatus.UNSUPPORTED_DATA, CloseStatus.GOING_AWAY));
		assertThat(policy.apply(BinaryFrame.of(new byte[1]), Contexts.outbound()))
			.isEqualTo(Verdict.close(CloseStatus.GOING_AWAY, CloseStatus.UNSUPPORTED_DATA));
	}

	@Test
	void allowedTypesWantsDataFrames() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new AllowedTypes(new AllowedTypes.Settings(Set.of(FrameType.PING), CLOSE)));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new AllowedTypes(new AllowedTypes.Settings(Set.of(), CLOSE)));
	}

	@ParameterizedTest
	@CsvSource({ "4, , , 4, 4", "4, 2, , 2, 4", "4, , 2, 4, 2", ", 2, , 2, 100", ", , 2, 100, 2" })
	void sizeLimit(@Nullable Long bytes, @Nullable Long text, @Nullable Long binary, int longestText,
			int longestBinary) {
		FramePolicy policy = new SizeLimit(new SizeLimit.Settings(size(bytes), size(text), size(binary), DROP));
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
	void sizeLimitWithoutSizes() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new SizeLimit(new SizeLimit.Settings(null, null, null, CLOSE)))
			.withMessageContaining("missing");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new SizeLimit(new SizeLimit.Settings(DataSize.ofBytes(-1), null, null, CLOSE)));
	}

	@Test
	void denyNul() {
		FramePolicy policy = new DenyNul(new DenyNul.Settings(DROP));
		assertThat(inbound(policy, text("nul \\u0000"))).isEqualTo(Verdict.forward());
		assertThat(inbound(policy, text(""))).isEqualTo(Verdict.forward());
		assertThat(inbound(policy, text("äö\u0000"))).isEqualTo(Verdict.drop());
	}

	@Test
	void textPatternDenies() {
		FramePolicy policy = textPattern(TextPattern.Action.DENY, "***", "(?i)secret", "\\d{16}");
		assertThat(inbound(policy, text("my SECRET"))).isEqualTo(Verdict.drop());
		assertThat(inbound(policy, text("4111111111111111"))).isEqualTo(Verdict.drop());
		assertThat(inbound(policy, text("411111111111111"))).isEqualTo(Verdict.forward());
	}

	@Test
	void textPatternMasks() {
		FramePolicy policy = textPattern(TextPattern.Action.MASK, "*$1\\$", "\\d{12}(\\d{4})", "s(ecre)t");
		assertThat(textOf(inbound(policy, text("4111111111111234 and secret, secret"))))
			.isEqualTo("*1234$ and *ecre$, *ecre$");
		assertThat(inbound(policy, text("nothing"))).isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@ValueSource(strings = { "(", "a*", "(?=x)", "(a)\\1" })
	void textPatternRefusesExpressions(String expression) {
		assertThatIllegalArgumentException().isThrownBy(() -> textPattern(TextPattern.Action.DENY, "", expression))
			.withMessageStartingWith("patterns: ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "$", "$2", "${a}", "\\", "\\n" })
	void textPatternRefusesReplacements(String replacement) {
		assertThatIllegalArgumentException().isThrownBy(() -> textPattern(TextPattern.Action.MASK, replacement, "(a)"))
			.withMessageStartingWith("replacement: ");
	}

	private static FramePolicy textPattern(TextPattern.Action action, String replacement, String... patterns) {
		return new TextPattern(new TextPattern.Settings(List.of(patterns), action, replacement, DROP));
	}

	private static String textOf(Verdict verdict) {
		return ((TextFrame) ((Verdict.Replace) verdict).frames().get(0)).text();
	}

	private static Verdict inbound(FramePolicy policy, Frame frame) {
		return policy.apply(frame, Contexts.inbound());
	}

	private static TextFrame text(String text) {
		return TextFrame.of(text);
	}

}
