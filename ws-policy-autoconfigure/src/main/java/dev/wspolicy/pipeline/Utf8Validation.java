package dev.wspolicy.pipeline;

/**
 * When the text of messages is checked to be UTF-8
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-8.1">RFC 6455, section
 * 8.1</a>).
 */
public enum Utf8Validation {

	/**
	 * Only where a policy reads the text. What nobody reads costs nothing.
	 */
	WHEN_READ,

	/**
	 * Always, as the bytes arrive.
	 */
	ALWAYS

}
