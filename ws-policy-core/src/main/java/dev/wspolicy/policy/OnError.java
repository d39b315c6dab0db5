package dev.wspolicy.policy;

/**
 * What happens to a frame when a policy fails: it throws, returns {@code null} or a
 * verdict that is not allowed for the frame, or exceeds {@code verdict-timeout}.
 */
public enum OnError {

	/**
	 * Both legs are closed with 1011.
	 */
	CLOSE,

	/**
	 * The frame is dropped; a close frame, which cannot be dropped, is forwarded.
	 */
	DROP,

	/**
	 * The frame is shown to the next policy, as if this one had forwarded it.
	 */
	FORWARD

}
