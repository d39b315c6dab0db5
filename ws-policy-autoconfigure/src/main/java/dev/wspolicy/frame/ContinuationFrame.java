package dev.wspolicy.frame;

/**
 * A later fragment of a message. Only policies that work on wire frames meet it.
 */
public final class ContinuationFrame extends Frame {

	ContinuationFrame(Payload payload, boolean fin) {
		super(payload, fin);
	}

	/**
	 * A fragment.
	 * @param bytes the payload, copied
	 * @param fin whether the message ends with it
	 * @return the frame
	 */
	public static ContinuationFrame of(byte[] bytes, boolean fin) {
		return new ContinuationFrame(new HeapPayload(bytes.clone()), fin);
	}

	@Override
	public FrameType type() {
		return FrameType.CONTINUATION;
	}

}
