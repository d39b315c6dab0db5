package dev.wspolicy.pipeline;

/**
 * What happens to the masks of inbound frames that are forwarded unchanged
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.3">RFC 6455, section
 * 5.3</a>).
 */
public enum Masking {

	/**
	 * The client's mask is kept, so nothing has to be computed.
	 */
	PRESERVE,

	/**
	 * The gateway masks each frame with a new key.
	 */
	REMASK

}
