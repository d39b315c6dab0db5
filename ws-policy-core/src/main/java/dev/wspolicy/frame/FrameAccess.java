package dev.wspolicy.frame;

/**
 * Access to the internals of frames, for the other packages of this library.
 * <p>
 * Internal: policies and applications do not use this class, which may change at any
 * time. The engine creates frames over payloads from the wire and releases those
 * payloads, and it lives in other packages. All of its access goes through this one
 * class, so that {@link Frame} offers policies only what is meant for them.
 */
public final class FrameAccess {

	private FrameAccess() {
	}

	/**
	 * Creates a frame over the given payload.
	 * @param type the type of the frame
	 * @param fin whether the frame ends its message; ignored for control frames
	 * @param payload the payload, not copied
	 * @return the frame
	 */
	public static Frame frame(FrameType type, boolean fin, Payload payload) {
		return Frame.of(type, fin, payload);
	}

	/**
	 * Returns the payload of a frame.
	 * @param frame the frame
	 * @return the payload, which may have been released
	 */
	public static Payload payload(Frame frame) {
		return frame.source();
	}

	/**
	 * Sets what a view reads in a frame, so that the frame need not be read.
	 * @param frame a frame that no other thread has seen yet
	 * @param view how the frame is read
	 * @param value exactly what the view would read
	 * @param <T> the type of the value
	 * @return the frame
	 */
	public static <T> Frame seed(Frame frame, FrameView<T> view, T value) {
		return frame.seed(view, value);
	}

	/**
	 * Forgets what views have read in a frame that is about to be replaced: it may be
	 * many times as large as the frame, which is kept until its verdict is carried out.
	 * @param frame the frame, which can still be read
	 */
	public static void forgetViews(Frame frame) {
		frame.forgetViews();
	}

	/**
	 * Whether the payload of a frame has been read as text, and was found not to be
	 * UTF-8. The session must then be closed with 1007, whatever the verdict is.
	 * @param frame the frame
	 * @return {@code true} if reading the text has failed
	 */
	public static boolean isInvalidUtf8(Frame frame) {
		return frame.isInvalidUtf8();
	}

	/**
	 * Whether the payload of a close frame is exactly the encoding of its
	 * {@linkplain CloseFrame#status() status}. If not, the frame must not be forwarded
	 * unchanged.
	 * @param frame the frame
	 * @return {@code true} if the bytes can be forwarded
	 * @throws IllegalArgumentException if the frame has no valid status
	 * @throws InvalidUtf8Exception if the reason is not UTF-8
	 */
	public static boolean isVerbatim(CloseFrame frame) {
		return frame.isVerbatim();
	}

}
