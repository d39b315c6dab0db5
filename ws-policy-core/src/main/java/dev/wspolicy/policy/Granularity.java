package dev.wspolicy.policy;

/**
 * What a policy is shown of a fragmented message
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.4">RFC 6455, section
 * 5.4</a>).
 */
public enum Granularity {

	/**
	 * Whole messages: fragments are held until the last one has arrived.
	 */
	MESSAGE,

	/**
	 * The frames of the wire, fragments included.
	 */
	FRAME

}
