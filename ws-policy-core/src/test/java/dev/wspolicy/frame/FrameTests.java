package dev.wspolicy.frame;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Frames as policies see and make them.
 */
class FrameTests {

	@ParameterizedTest
	@EnumSource
	void typeHasItsClassAndOpcode(FrameType type) {
		Frame frame = FrameAccess.frame(type, true, new WireBytes('a'));
		assertThat(frame.type()).isEqualTo(type);
		assertThat(frame.getClass().getSimpleName().toUpperCase(Locale.ROOT)).isEqualTo(type + "FRAME");
		assertThat(frame).hasToString(type + "[1 bytes]");
		assertThat(FrameType.of(type.opcode())).isEqualTo(type);
		assertThat(FrameType.of(0x80 | type.opcode())).isEqualTo(type);
		assertThat(type.isControl()).isEqualTo(type.opcode() >= 8);
		assertThat(type.isData()).isNotEqualTo(type.isControl());
	}

	@Test
	void reservedOpcodesHaveNoType() {
		for (int opcode : new int[] { 3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF }) {
			assertThat(FrameType.of(opcode)).isNull();
		}
	}

	@Test
	void fragmentsLackFin() {
		assertThat(FrameAccess.frame(FrameType.TEXT, false, new WireBytes()).fin()).isFalse();
		assertThat(FrameAccess.frame(FrameType.BINARY, false, new WireBytes()))
			.hasToString("BINARY(fragment)[0 bytes]");
		assertThat(ContinuationFrame.of(new byte[0], false).fin()).isFalse();
		assertThat(ContinuationFrame.of(new byte[0], true).fin()).isTrue();
		assertThat(FrameAccess.frame(FrameType.PING, false, new WireBytes()).fin()).isTrue();
	}

	@Test
	void frameThatIsMadeOwnsItsBytes() {
		byte[] bytes = { 1, 2 };
		List<Frame> frames = List.of(BinaryFrame.of(bytes), ContinuationFrame.of(bytes, true), PingFrame.of(bytes),
				PongFrame.of(bytes));
		bytes[0] = 9;
		for (Frame frame : frames) {
			assertThat(frame.toByteArray()).containsExactly(1, 2);
			frame.toByteArray()[0] = 9;
			assertThat(frame.toByteArray()).containsExactly(1, 2);
			FrameAccess.payload(frame).release();
			assertThat(frame.length()).isEqualTo(2);
		}
	}

	@Test
	void payloadIsReadOnlyAndHasItsOwnPosition() {
		Frame frame = BinaryFrame.of(new byte[] { 1, 2 });
		ByteBuffer payload = frame.payload();
		assertThat(payload.get()).isEqualTo((byte) 1);
		assertThat(frame.payload().remaining()).isEqualTo(2);
		assertThatExceptionOfType(ReadOnlyBufferException.class).isThrownBy(() -> payload.put(0, (byte) 9));
	}

	@Test
	void controlFramesHoldAtMost125Bytes() {
		assertThat(PingFrame.of(new byte[125]).length()).isEqualTo(125);
		assertThatIllegalArgumentException().isThrownBy(() -> PingFrame.of(new byte[126])).withMessageContaining("126");
		assertThatIllegalArgumentException().isThrownBy(() -> PongFrame.of(new byte[126]));
	}

	@Test
	void textIsEncodedAndDecoded() {
		TextFrame frame = TextFrame.of("\u00e9");
		assertThat(frame.text()).isEqualTo("\u00e9");
		assertThat(frame.length()).isEqualTo(2);
		assertThat(frame.toByteArray()).isEqualTo("\u00e9".getBytes(StandardCharsets.UTF_8));
		assertThat(FrameAccess.isInvalidUtf8(frame)).isFalse();
	}

	@Test
	void textIsDecodedOnce() {
		Payload payload = new WireBytes('a');
		TextFrame frame = (TextFrame) FrameAccess.frame(FrameType.TEXT, true, payload);
		String text = frame.text();
		payload.release();
		assertThat(frame.text()).isSameAs(text);
		assertThatIllegalStateException().isThrownBy(frame::payload);
	}

	@Test
	void textThatIsNotUtf8IsRemembered() {
		TextFrame frame = (TextFrame) FrameAccess.frame(FrameType.TEXT, true, new WireBytes(0xFF));
		assertThat(FrameAccess.isInvalidUtf8(frame)).isFalse();
		assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(frame::text);
		assertThatExceptionOfType(InvalidUtf8Exception.class).isThrownBy(frame::text);
		assertThat(FrameAccess.isInvalidUtf8(frame)).isTrue();
		assertThat(frame.toByteArray()).containsExactly(0xFF);
	}

	@Test
	void textOfBytesThatAreMadeIsDecoded() {
		TextFrame frame = (TextFrame) FrameAccess.frame(FrameType.TEXT, true,
				FrameAccess.payload(BinaryFrame.of(new byte[] { 'a' })));
		assertThat(frame.text()).isEqualTo("a");
	}

	@ParameterizedTest
	@EnumSource
	void copyOutlivesTheVerdict(FrameType type) {
		Payload payload = new WireBytes(3, 0xE8);
		Frame frame = FrameAccess.frame(type, type.isControl(), payload);
		Frame copy = frame.copy();
		payload.release();
		assertThat(copy.type()).isEqualTo(type);
		assertThat(copy.fin()).isEqualTo(frame.fin());
		assertThat(copy.toByteArray()).containsExactly(3, 0xE8);
		assertThatIllegalStateException().isThrownBy(frame::copy);
		assertThatIllegalStateException().isThrownBy(frame::toByteArray);
		assertThat(frame.length()).isEqualTo(2);
	}

	@Test
	void copyOfAFrameThatCanBeKeptIsTheFrame() {
		Frame frame = TextFrame.of("a");
		assertThat(frame.copy()).isSameAs(frame);
	}

	@ParameterizedTest
	@EnumSource
	void framesCompareByValue(FrameType type) {
		Frame frame = FrameAccess.frame(type, true, new WireBytes(3, 0xE8));
		assertThat(frame).isEqualTo(frame.copy()).hasSameHashCodeAs(frame.copy());
		assertThat(frame).isNotEqualTo(FrameAccess.frame(type, true, new WireBytes(3, 0xE9)))
			.isNotEqualTo(FrameAccess.frame(type, true, new WireBytes(3)))
			.isNotEqualTo(new byte[] { 3, (byte) 0xE8 });
		for (FrameType other : FrameType.values()) {
			assertThat(frame.equals(FrameAccess.frame(other, true, new WireBytes(3, 0xE8)))).isEqualTo(other == type);
		}
		assertThat(frame.equals(FrameAccess.frame(type, false, new WireBytes(3, 0xE8)))).isEqualTo(type.isControl());
	}

	@Test
	void textComparesByItsBytes() {
		assertThat(TextFrame.of("\u00e9")).isEqualTo(FrameAccess.frame(FrameType.TEXT, true, new WireBytes(0xC3, 0xA9)))
			.hasSameHashCodeAs(TextFrame.of("\u00e9"))
			.isNotEqualTo(TextFrame.of("e"));
	}

	@Test
	void frameThatIsGoneEqualsItselfOnly() {
		Payload payload = new WireBytes('a');
		Frame frame = FrameAccess.frame(FrameType.TEXT, true, payload);
		int hash = frame.hashCode();
		payload.release();
		assertThat(frame).isEqualTo(frame).hasSameHashCodeAs(TextFrame.of("a")).isNotEqualTo(TextFrame.of("a"));
		assertThat(TextFrame.of("a")).isNotEqualTo(frame);
		assertThat(frame.hashCode()).isEqualTo(hash);
	}

	@Test
	void viewIsReadOnce() {
		List<String> reads = new ArrayList<>();
		FrameView<Integer> length = (frame) -> {
			reads.add("length");
			return frame.length();
		};
		FrameView<String> type = (frame) -> {
			reads.add("type");
			return frame.type().name();
		};
		Frame frame = TextFrame.of("abc");
		assertThat(frame.view(length)).isEqualTo(3);
		assertThat(frame.view(type)).isEqualTo("TEXT");
		assertThat(frame.view(length)).isEqualTo(3);
		assertThat(frame.view(type)).isEqualTo("TEXT");
		assertThat(reads).containsExactly("length", "type");
	}

	@Test
	void viewThatThrowsIsReadAgain() {
		List<String> reads = new ArrayList<>();
		FrameView<String> view = (frame) -> {
			reads.add("read");
			throw new IllegalArgumentException();
		};
		Frame frame = TextFrame.of("abc");
		assertThatIllegalArgumentException().isThrownBy(() -> frame.view(view));
		assertThatIllegalArgumentException().isThrownBy(() -> frame.view(view));
		assertThat(reads).hasSize(2);
	}

	@Test
	void directionsAreOpposite() {
		assertThat(Direction.INBOUND.opposite()).isEqualTo(Direction.OUTBOUND);
		assertThat(Direction.OUTBOUND.opposite()).isEqualTo(Direction.INBOUND);
	}

	/**
	 * A payload of the wire: gone once it is released.
	 */
	private static final class WireBytes implements Payload {

		private final byte[] bytes;

		private boolean released;

		WireBytes(int... bytes) {
			this.bytes = new byte[bytes.length];
			for (int i = 0; i < bytes.length; i++) {
				this.bytes[i] = (byte) bytes[i];
			}
		}

		@Override
		public int length() {
			return this.bytes.length;
		}

		@Override
		public byte[] bytes() {
			if (this.released) {
				throw new IllegalStateException();
			}
			return this.bytes;
		}

		@Override
		public String text() {
			return Utf8.decode(bytes());
		}

		@Override
		public void release() {
			this.released = true;
		}

	}

}
