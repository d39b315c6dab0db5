package dev.wspolicy.frame;

import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
		return (CloseFrame) Frame.of(FrameType.CLOSE, true, new HeapPayload(payload));
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
	@ValueSource(ints = { 0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535 })
	void codeThatMayNotStandOnTheWireIsRefused(int code) {
		assertThatIllegalArgumentException().isThrownBy(frame(code >> 8, code & 0xFF)::status)
			.withMessage("close code: " + code);
	}

	@Test
	void reasonThatIsNotUtf8IsRefused() {
		assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(frame(3, 0xE8, 0xFF)::status);
		assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(frame(3, 0xE8, 0xC3)::status);
	}

}
