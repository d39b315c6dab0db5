package dev.wspolicy.pipeline;

/**
 * When text messages are checked to be UTF-8
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-8.1">RFC 6455, section
 * 8.1</a>).
 */
public enum Utf8Validation {

	/**
	 * Only if a policy reads the text. Text that is not read costs nothing.
	 */
	WHEN_READ,

	/**
	 * Always, as the bytes arrive.
	 */
	ALWAYS

}
