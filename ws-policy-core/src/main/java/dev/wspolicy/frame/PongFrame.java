package dev.wspolicy.frame;

/**
 * A pong: the answer to a ping, or a heartbeat that asks for no answer
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3">RFC 6455, section
 * 5.5.3</a>).
 */
public final class PongFrame extends Frame {

	PongFrame(Payload payload) {
		super(payload, true);
	}

	/**
	 * Creates a pong.
	 * @param bytes the payload, at most 125 bytes, copied
	 * @return the frame
	 * @throws IllegalArgumentException if there are more than 125 bytes
	 */
	public static PongFrame of(byte[] bytes) {
		return new PongFrame(ControlPayload.of(bytes));
	}

	@Override
	public FrameType type() {
		return FrameType.PONG;
	}

}
