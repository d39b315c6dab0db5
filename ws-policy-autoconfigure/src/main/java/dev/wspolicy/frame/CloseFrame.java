package dev.wspolicy.frame;

import java.nio.charset.StandardCharsets;

/**
 * A step of the closing handshake
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1">RFC 6455, section
 * 5.5.1</a>).
 */
public final class CloseFrame extends Frame {

	CloseFrame(Payload payload) {
		super(payload, true);
	}

	/**
	 * A close frame.
	 * @param status the status, {@link CloseStatus#EMPTY} for a frame without one
	 * @return the frame
	 */
	public static CloseFrame of(CloseStatus status) {
		return new CloseFrame(encode(status));
	}

	@Override
	public FrameType type() {
		return FrameType.CLOSE;
	}

	/**
	 * The status that this frame carries.
	 * @return the status, {@link CloseStatus#EMPTY} if there is none
	 * @throws InvalidUtf8Exception if the reason is not UTF-8
	 * @throws IllegalArgumentException if the payload is a lone byte, or the code may not
	 * stand in a close frame
	 * @throws IllegalStateException if the verdict on this frame has settled
	 */
	public CloseStatus status() {
		byte[] bytes = source().bytes();
		if (bytes.length == 0) {
			return CloseStatus.EMPTY;
		}
		if (bytes.length == 1) {
			throw new IllegalArgumentException("close payload: 1 byte (expected: none, or two for the code)");
		}
		int code = (bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF);
		if (!CloseStatus.isValidOnTheWire(code)) {
			throw new IllegalArgumentException("close code: " + code);
		}
		byte[] reason = new byte[bytes.length - 2];
		System.arraycopy(bytes, 2, reason, 0, reason.length);
		return new CloseStatus(code, Utf8.decode(reason));
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
