package dev.wspolicy.relay;

/**
 * The failure of a policy whose verdict cannot be carried out.
 */
final class IllegalVerdictException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	IllegalVerdictException(String message) {
		super(message);
	}

}
