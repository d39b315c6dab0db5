package dev.wspolicy.frame;

/**
 * Thrown when the text of a payload is read that is not UTF-8. A policy need not catch
 * it: the session is closed with 1007 in any case
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-8.1">RFC 6455, section
 * 8.1</a>).
 */
public final class InvalidUtf8Exception extends RuntimeException {

	private static final long serialVersionUID = 1L;

	InvalidUtf8Exception() {
		super("the payload is not UTF-8");
	}

}
