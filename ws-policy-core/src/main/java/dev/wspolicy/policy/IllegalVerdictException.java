package dev.wspolicy.policy;

/**
 * The failure of a policy whose verdict cannot be carried out. Internal: policies do not
 * throw it.
 */
public final class IllegalVerdictException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates a failure.
	 * @param message what is wrong with the verdict
	 */
	public IllegalVerdictException(String message) {
		super(message);
	}

}
