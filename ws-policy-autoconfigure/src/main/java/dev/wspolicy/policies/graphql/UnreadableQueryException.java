package dev.wspolicy.policies.graphql;

/**
 * It cannot be known what a query does.
 */
final class UnreadableQueryException extends Exception {

	private static final long serialVersionUID = 1L;

	private final String problem;

	UnreadableQueryException(String problem) {
		super(problem);
		this.problem = problem;
	}

	/** What the client may be told. */
	String problem() {
		return this.problem;
	}

}
