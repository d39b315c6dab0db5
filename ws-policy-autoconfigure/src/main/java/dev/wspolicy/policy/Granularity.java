package dev.wspolicy.policy;

/**
 * What a policy is shown of a fragmented message.
 */
public enum Granularity {

	/**
	 * Whole messages: fragments are held back until the last one is there.
	 */
	MESSAGE,

	/**
	 * Frames as they stand on the wire, fragments included.
	 */
	FRAME

}
