package dev.wspolicy.relay;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.Side;

/**
 * The rules of RFC 6455 for frame headers.
 */
final class HeaderRules {

	private static final int FIN = 0x80;

	private static final int RSV = 0x70;

	private static final int MAX_CONTROL_LENGTH = 125;

	private HeaderRules() {
	}

	static boolean isFin(int firstByte) {
		return (firstByte & FIN) != 0;
	}

	/**
	 * The type of a frame whose header has been checked.
	 * @param firstByte the byte with FIN, RSV bits and opcode
	 * @return the type
	 */
	static FrameType typeOf(int firstByte) {
		return Objects.requireNonNull(FrameType.of(firstByte));
	}

	/**
	 * Checks a header.
	 * @param from who has sent it
	 * @param firstByte the byte with FIN, RSV bits and opcode
	 * @param masked whether the mask bit is set
	 * @param length the payload length; negative if its top bit is set
	 * @param minimal whether the length has the shortest of its three forms
	 * @param inMessage whether a fragmented message is under way
	 * @return what is wrong, in words for the close reason, or {@code null}
	 */
	static @Nullable String violation(Side from, int firstByte, boolean masked, long length, boolean minimal,
			boolean inMessage) {
		// Section 5.2: no extension has been negotiated that would give RSV bits a sense.
		if ((firstByte & RSV) != 0) {
			return "RSV bit set";
		}
		FrameType type = FrameType.of(firstByte);
		if (type == null) {
			return "reserved opcode";
		}
		// Section 5.1.
		if (masked != (from == Side.CLIENT)) {
			return masked ? "masked frame" : "unmasked frame";
		}
		// Section 5.2: the minimal number of bytes, and the most significant bit is 0.
		if (!minimal || length < 0) {
			return "bad length";
		}
		// Section 5.5.
		if (type.isControl()) {
			if (!isFin(firstByte)) {
				return "fragmented control frame";
			}
			return (length > MAX_CONTROL_LENGTH) ? "control frame too long" : null;
		}
		// Section 5.4.
		if (type == FrameType.CONTINUATION) {
			return inMessage ? null : "continuation of nothing";
		}
		return inMessage ? "message within a message" : null;
	}

	/**
	 * Whether a frame is a close frame that can be read, however wrong it may be
	 * otherwise.
	 * @param firstByte the byte with FIN, RSV bits and opcode
	 * @param length the payload length, not negative
	 * @return {@code true} if it may be taken as the answer to a close frame
	 */
	static boolean isReadableClose(int firstByte, long length) {
		return FrameType.of(firstByte) == FrameType.CLOSE && length <= MAX_CONTROL_LENGTH;
	}

}
