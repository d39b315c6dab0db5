package dev.wspolicy.frame;

/**
 * A question whether the peer is alive. The peer answers with a pong of the same bytes.
 */
public final class PingFrame extends Frame {

	PingFrame(Payload payload) {
		super(payload, true);
	}

	/**
	 * A ping.
	 * @param bytes the payload, at most 125 bytes, copied
	 * @return the frame
	 * @throws IllegalArgumentException if there are more bytes than a control frame holds
	 */
	public static PingFrame of(byte[] bytes) {
		return new PingFrame(ControlPayload.of(bytes));
	}

	@Override
	public FrameType type() {
		return FrameType.PING;
	}

}
