package dev.wspolicy.builtin.access;

/**
 * Thrown if it cannot be determined what a query does.
 */
final class UnreadableQueryException extends Exception {

	private static final long serialVersionUID = 1L;

	private final String problem;

	UnreadableQueryException(String problem) {
		super(problem);
		this.problem = problem;
	}

	/** Returns the problem, in words that may be sent to the client. */
	String problem() {
		return this.problem;
	}

}
