package dev.wspolicy.policy;

/**
 * What becomes of a frame when its policy fails: throws, answers {@code null} or with an
 * illegal verdict, or does not answer in time.
 */
public enum OnError {

	/**
	 * Both legs are closed with 1011.
	 */
	CLOSE,

	/**
	 * The frame is dropped. A close frame cannot be, and is forwarded.
	 */
	DROP,

	/**
	 * The frame goes on to the next policy, as if forwarded.
	 */
	FORWARD

}
