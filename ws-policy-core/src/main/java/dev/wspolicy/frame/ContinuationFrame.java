package dev.wspolicy.frame;

/**
 * A fragment of a message other than the first
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.4">RFC 6455, section
 * 5.4</a>). Only policies that are shown the frames of the wire see it.
 */
public final class ContinuationFrame extends Frame {

	ContinuationFrame(Payload payload, boolean fin) {
		super(payload, fin);
	}

	/**
	 * Creates a fragment.
	 * @param bytes the payload, copied
	 * @param fin whether the fragment ends its message
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
