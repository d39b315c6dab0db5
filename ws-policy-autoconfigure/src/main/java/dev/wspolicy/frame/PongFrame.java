package dev.wspolicy.frame;

/**
 * The answer to a ping, or a heartbeat of its own that wants no answer.
 */
public final class PongFrame extends Frame {

	PongFrame(Payload payload) {
		super(payload, true);
	}

	/**
	 * A pong.
	 * @param bytes the payload, at most 125 bytes, copied
	 * @return the frame
	 * @throws IllegalArgumentException if there are more bytes than a control frame holds
	 */
	public static PongFrame of(byte[] bytes) {
		return new PongFrame(ControlPayload.of(bytes));
	}

	@Override
	public FrameType type() {
		return FrameType.PONG;
	}

}
