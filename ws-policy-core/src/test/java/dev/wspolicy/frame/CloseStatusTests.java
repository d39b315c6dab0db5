package dev.wspolicy.frame;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Codes and reasons of close frames (RFC 6455, sections 5.5.1 and 7.4).
 */
class CloseStatusTests {

	@ParameterizedTest
	@ValueSource(
			ints = { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999 })
	void codeThatMayStandOnTheWire(int code) {
		assertThat(CloseStatus.of(code)).isEqualTo(CloseStatus.of(code, "")).returns(code, CloseStatus::code);
		assertThat(CloseStatus.of(code).requireValid().isValid()).isTrue();
		assertThat(CloseStatus.of(code, "why").reason()).isEqualTo("why");
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65535, 65536 })
	void codeThatMayNot(int code) {
		assertThatIllegalArgumentException().isThrownBy(() -> CloseStatus.of(code, "why"))
			.withMessage("code: " + code + " (expected: 1000 to 1003, 1007 to 1014 or 3000 to 4999)");
		assertThatIllegalArgumentException().isThrownBy(() -> CloseStatus.of(code));
		assertThatIllegalArgumentException().isThrownBy(CloseStatus.received(code, "why")::requireValid);
	}

	@Test
	void emptyHasNeitherCodeNorReason() {
		assertThat(CloseStatus.EMPTY.isEmpty()).isTrue();
		assertThat(CloseStatus.EMPTY.code()).isEqualTo(1005);
		assertThat(CloseStatus.EMPTY.reason()).isEmpty();
		assertThat(CloseStatus.NORMAL.isEmpty()).isFalse();
		assertThat(CloseStatus.EMPTY.requireValid().withReason("")).isSameAs(CloseStatus.EMPTY);
		assertThatIllegalArgumentException().isThrownBy(() -> CloseStatus.EMPTY.withReason("why"))
			.withMessageContaining("without a code");
	}

	@Test
	void withReasonKeepsTheCode() {
		assertThat(CloseStatus.GOING_AWAY.withReason("bye")).isEqualTo(CloseStatus.of(1001, "bye"));
	}

	@Test
	void reasonThatFitsIsKept() {
		for (String reason : new String[] { "", "why", "x".repeat(123), "\u00e9".repeat(61), "\u20ac".repeat(41),
				"\ud83d\ude00".repeat(30) + "abc" }) {
			assertThat(CloseStatus.of(1000, reason).reason()).isEqualTo(reason);
		}
	}

	@ParameterizedTest
	@CsvSource({ "x, 200, 123", "\u00e9, 100, 61", "\u20ac, 100, 41", "\ud83d\ude00, 100, 30" })
	void reasonIsCutOnACharacter(String character, int count, int kept) {
		String reason = CloseStatus.of(1000, character.repeat(count)).reason();
		assertThat(reason).isEqualTo(character.repeat(kept));
		assertThat(reason.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(123);
	}

	@ParameterizedTest
	@CsvSource({ "120, 1", "121, 0", "122, 0", "123, 0", "119, 1" })
	void surrogatesAreNotSplit(int before, int kept) {
		String reason = CloseStatus.of(1000, "x".repeat(before) + "\ud83d\ude00" + "y".repeat(50)).reason();
		assertThat(reason).startsWith("x".repeat(before));
		assertThat(reason.contains("\ud83d\ude00")).isEqualTo(before + 4 <= 123);
		assertThat(Character.isHighSurrogate(reason.charAt(reason.length() - 1))).isFalse();
		assertThat(reason.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(123);
	}

	@Test
	void describesItself() {
		assertThat(CloseStatus.EMPTY).hasToString("(no status)");
		assertThat(CloseStatus.NORMAL).hasToString("1000");
		assertThat(CloseStatus.of(4000, "why")).hasToString("4000 why");
	}

}
