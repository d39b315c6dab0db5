package dev.wspolicy.frame;

import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Payloads of close frames (RFC 6455, section 5.5.1).
 */
class CloseFrameTests {

	private static CloseFrame frame(int... bytes) {
		byte[] payload = new byte[bytes.length];
		for (int i = 0; i < bytes.length; i++) {
			payload[i] = (byte) bytes[i];
		}
		return (CloseFrame) FrameAccess.frame(FrameType.CLOSE, true, new HeapPayload(payload));
	}

	@Test
	void encodesCodeAndReason() {
		assertThat(CloseFrame.of(CloseStatus.of(1000, "ok")).toByteArray()).containsExactly(3, 0xE8, 'o', 'k');
		assertThat(CloseFrame.of(CloseStatus.of(4999)).toByteArray()).containsExactly(0x13, 0x87);
		assertThat(CloseFrame.of(CloseStatus.EMPTY).toByteArray()).isEmpty();
	}

	static Stream<CloseStatus> statuses() {
		return Stream.of(CloseStatus.EMPTY, CloseStatus.NORMAL, CloseStatus.of(3000, "why"),
				CloseStatus.of(4999, "\u20ac".repeat(41)), CloseStatus.SERVICE_RESTART.withReason("\ud83d\ude00"));
	}

	@ParameterizedTest
	@MethodSource("statuses")
	void statusSurvivesTheWire(CloseStatus status) {
		CloseFrame frame = CloseFrame.of(status);
		assertThat(frame.status()).isEqualTo(status);
		assertThat(frame.length()).isLessThanOrEqualTo(ControlPayload.MAX_LENGTH);
		assertThat(frame.fin()).isTrue();
		assertThat(frame.type()).isEqualTo(FrameType.CLOSE);
	}

	@Test
	void loneByteIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(frame(3)::status).withMessageContaining("1 byte");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 999, 1004, 1006, 1015, 2999, 5000, 65535 })
	void codeThatMayNotStandOnTheWireIsRefused(int code) {
		assertThatIllegalArgumentException().isThrownBy(frame(code >> 8, code & 0xFF)::status)
			.withMessage("close code: " + code);
		assertThat(frame(code >> 8, code & 0xFF, 'x').received()).returns(code, CloseStatus::code)
			.returns("x", CloseStatus::reason)
			.returns(false, CloseStatus::isValid);
	}

	@Test
	void codeThatMeansNoneIsTakenForNoneWithoutAReason() {
		assertThat(frame(1005 >> 8, 1005 & 0xFF).status()).isEqualTo(CloseStatus.EMPTY);
		assertThat(FrameAccess.isVerbatim(frame(1005 >> 8, 1005 & 0xFF))).isFalse();
		assertThatIllegalArgumentException().isThrownBy(frame(1005 >> 8, 1005 & 0xFF, 'x')::status);
	}

	@Test
	void statusThatAPeerMustNotSendCannotBeSentOn() {
		CloseStatus received = frame(2000 >> 8, 2000 & 0xFF).received();
		assertThatIllegalArgumentException().isThrownBy(() -> CloseFrame.of(received));
		assertThatIllegalArgumentException().isThrownBy(() -> Verdict.close(received));
	}

	@Test
	void reasonThatIsCutWithinACharacterEndsBeforeIt() {
		CloseFrame cut = frame(3, 0xE8, 'a', 0xF0, 0x9F, 0x98);
		assertThat(cut.status()).isEqualTo(CloseStatus.of(1000, "a"));
		assertThat(FrameAccess.isVerbatim(cut)).isFalse();
		assertThat(frame(3, 0xE8, 0xC3).status()).isEqualTo(CloseStatus.NORMAL);
		assertThat(FrameAccess.isVerbatim(frame(3, 0xE8, 'a', 0xC3, 0xA4))).isTrue();
	}

	@Test
	void reasonThatIsNotUtf8IsRefused() {
		assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(frame(3, 0xE8, 0xFF)::status);
		assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(frame(3, 0xE8, 0xC3, 'a')::status);
		assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(frame(3, 0xE8, 0xE0, 0x80)::status);
		assertThat(frame(3, 0xE8, 0xFF).received()).isEqualTo(CloseStatus.NORMAL);
	}

}
