package dev.wspolicy.session;

/**
 * Is told of the frames of the sessions that it is
 * {@linkplain ProxiedSession#tap(FrameTap) put on}, as they are dealt with. Changes
 * nothing about them.
 * <p>
 * Called on the event loops of the sessions, on several at once if it is put on several:
 * do not block. A tap that throws is taken off the session. If it closes the session on a
 * frame that a policy was shown, that frame goes no further.
 */
public interface FrameTap {

	/**
	 * Whether to be told of the next frame; asked once for each frame, before anything of
	 * it is copied.
	 * @return {@code false} to have the frame pass unseen
	 */
	boolean wantsNext();

	/**
	 * How much of a payload to copy.
	 * @return the number of bytes at most; more may be given
	 */
	int payloadLimit();

	/**
	 * A frame has been dealt with.
	 * @param session the session
	 * @param frame the frame, to be kept as long as one likes
	 */
	void onFrame(ProxiedSession session, TappedFrame frame);

}
