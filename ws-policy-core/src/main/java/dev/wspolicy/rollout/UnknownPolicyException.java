package dev.wspolicy.rollout;

/**
 * Thrown when an operation names a policy, a pipeline or a route that does not exist, or
 * a policy that has not been overridden.
 */
public final class UnknownPolicyException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception.
	 * @param message what is unknown, and what is known
	 */
	public UnknownPolicyException(String message) {
		super(message);
	}

}
