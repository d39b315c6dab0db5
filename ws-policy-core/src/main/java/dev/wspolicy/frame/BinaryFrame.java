package dev.wspolicy.frame;

/**
 * A binary message, or the first fragment of one.
 */
public final class BinaryFrame extends Frame {

	BinaryFrame(Payload payload, boolean fin) {
		super(payload, fin);
	}

	/**
	 * Creates a whole binary message.
	 * @param bytes the payload, copied
	 * @return the frame
	 */
	public static BinaryFrame of(byte[] bytes) {
		return new BinaryFrame(new HeapPayload(bytes.clone()), true);
	}

	@Override
	public FrameType type() {
		return FrameType.BINARY;
	}

}
