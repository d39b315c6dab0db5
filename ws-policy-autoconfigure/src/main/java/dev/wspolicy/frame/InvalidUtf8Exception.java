package dev.wspolicy.frame;

/**
 * Thrown when a text payload is read that is not UTF-8. A policy need not catch it: the
 * session is closed with 1007 whether the policy lets it pass or not.
 */
public final class InvalidUtf8Exception extends RuntimeException {

	private static final long serialVersionUID = 1L;

	InvalidUtf8Exception() {
		super("the payload is not UTF-8");
	}

}
