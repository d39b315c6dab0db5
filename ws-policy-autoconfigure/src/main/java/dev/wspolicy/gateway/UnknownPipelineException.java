package dev.wspolicy.gateway;

import java.util.Set;
import java.util.TreeSet;

/**
 * Thrown when a route refers to a pipeline that is not configured.
 */
public final class UnknownPipelineException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String pipeline;

	private final transient Set<String> known;

	/**
	 * Creates an exception for a route that refers to an unknown pipeline.
	 * @param pipeline the name in the route definition
	 * @param known the names of the configured pipelines
	 */
	public UnknownPipelineException(String pipeline, Set<String> known) {
		super("The filter 'WsPolicy=" + pipeline + "' names "
				+ ((count(pipeline) > 1) ? count(pipeline) + " pipelines, but a route can have only one"
						: "a pipeline that is not configured below 'ws-policy.pipelines'")
				+ " (configured: " + new TreeSet<>(known) + ")");
		this.pipeline = pipeline;
		this.known = known;
	}

	/** Return the number of names in a comma-separated list. */
	private static int count(String pipeline) {
		return pipeline.split(",", -1).length;
	}

	/**
	 * Return whether the route names more than one pipeline.
	 * @return {@code true} if it names several
	 */
	public boolean namesSeveral() {
		return count(this.pipeline) > 1;
	}

	/**
	 * Return the name in the route definition, or several names separated by commas.
	 * @return the name
	 */
	public String pipeline() {
		return this.pipeline;
	}

	/**
	 * Return the names of the configured pipelines.
	 * @return the names
	 */
	public Set<String> known() {
		return this.known;
	}

}
