package dev.wspolicy.frame;

/**
 * A ping, which the peer answers with a pong of the same bytes
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2">RFC 6455, section
 * 5.5.2</a>).
 */
public final class PingFrame extends Frame {

	PingFrame(Payload payload) {
		super(payload, true);
	}

	/**
	 * Creates a ping.
	 * @param bytes the payload, at most 125 bytes, copied
	 * @return the frame
	 * @throws IllegalArgumentException if there are more than 125 bytes
	 */
	public static PingFrame of(byte[] bytes) {
		return new PingFrame(ControlPayload.of(bytes));
	}

	@Override
	public FrameType type() {
		return FrameType.PING;
	}

}
