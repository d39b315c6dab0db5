package dev.wspolicy.session;

/**
 * Observes the frames of the sessions that it is {@linkplain ProxiedSession#tap(FrameTap)
 * attached to}. Cannot change them.
 * <p>
 * Called on the event loop of each session, concurrently if it is attached to several:
 * must not block. A tap that throws is detached from the session. If it closes the
 * session on a frame that a policy was shown, that frame is not forwarded.
 */
public interface FrameTap {

	/**
	 * Whether to observe the next frame. Called once per frame, before any of it is
	 * copied, and once per verdict that is observed without a frame.
	 * @return {@code false} to skip it
	 */
	boolean wantsNext();

	/**
	 * Returns how much of a payload to copy.
	 * @return the number of bytes that are needed; more may be copied
	 */
	int payloadLimit();

	/**
	 * The outcome of a frame has been decided.
	 * @param session the session
	 * @param frame the frame, which can be kept
	 */
	void onFrame(ProxiedSession session, TappedFrame frame);

	/**
	 * An observed policy would have done something, but there is no frame left to report
	 * it with: its verdict has come after the frame had passed, the frame is a fragment
	 * of a message that is observed as a whole, or the policy would have closed the
	 * session without a frame. {@link #wantsNext()} has been called before.
	 * @param session the session
	 * @param verdict what would have happened
	 */
	default void onObserved(ProxiedSession session, ObservedVerdict verdict) {
	}

}
