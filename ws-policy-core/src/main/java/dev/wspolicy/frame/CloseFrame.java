package dev.wspolicy.frame;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A close frame, which begins or answers the closing handshake
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1">RFC 6455, section
 * 5.5.1</a>).
 */
public final class CloseFrame extends Frame {

	CloseFrame(Payload payload) {
		super(payload, true);
	}

	/**
	 * Creates a close frame.
	 * @param status the status; {@link CloseStatus#EMPTY} for a frame without one
	 * @return the frame
	 * @throws IllegalArgumentException if a close frame may not carry the status
	 */
	public static CloseFrame of(CloseStatus status) {
		return new CloseFrame(encode(status.requireValid()));
	}

	@Override
	public FrameType type() {
		return FrameType.CLOSE;
	}

	/**
	 * Returns the status that this frame carries. A reason that its sender has cut within
	 * a character ends before that character. The code 1005 without a reason, which RFC
	 * 6455, section 7.4.1, does not allow, is read as {@link CloseStatus#EMPTY}.
	 * @return the status; {@link CloseStatus#EMPTY} if there is none
	 * @throws InvalidUtf8Exception if the reason is not UTF-8
	 * @throws IllegalArgumentException if the payload is a single byte, or if a close
	 * frame may not carry the code
	 * @throws IllegalStateException if the outcome of this frame has been decided
	 */
	public CloseStatus status() {
		byte[] bytes = source().bytes();
		if (bytes.length == 1) {
			throw new IllegalArgumentException("close payload: 1 byte (expected: none, or two for the code)");
		}
		CloseStatus status = CloseStatus.received(code(bytes), reason(bytes));
		if (!status.isValid()) {
			throw new IllegalArgumentException("close code: " + status.code());
		}
		return status;
	}

	/**
	 * Returns what this frame carries even if that is not a valid status. A reason that
	 * is not UTF-8 is left out.
	 * @return the status as it was received; {@link CloseStatus#EMPTY} if there is no
	 * code
	 * @throws IllegalStateException if the outcome of this frame has been decided
	 */
	public CloseStatus received() {
		byte[] bytes = source().bytes();
		try {
			return CloseStatus.received(code(bytes), reason(bytes));
		}
		catch (InvalidUtf8Exception ex) {
			return CloseStatus.received(code(bytes), "");
		}
	}

	/** Whether the payload is exactly the encoding of the status. */
	boolean isVerbatim() {
		return Arrays.equals(source().bytes(), encode(status()).bytes());
	}

	private static int code(byte[] bytes) {
		return (bytes.length < 2) ? CloseStatus.EMPTY.code() : (bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF);
	}

	private static String reason(byte[] bytes) {
		return (bytes.length <= 2) ? "" : Utf8.decodeWhole(Arrays.copyOfRange(bytes, 2, bytes.length));
	}

	private static Payload encode(CloseStatus status) {
		if (status.isEmpty()) {
			return HeapPayload.EMPTY;
		}
		byte[] reason = status.reason().getBytes(StandardCharsets.UTF_8);
		byte[] bytes = new byte[2 + reason.length];
		bytes[0] = (byte) (status.code() >> 8);
		bytes[1] = (byte) status.code();
		System.arraycopy(reason, 0, bytes, 2, reason.length);
		return new HeapPayload(bytes);
	}

}
