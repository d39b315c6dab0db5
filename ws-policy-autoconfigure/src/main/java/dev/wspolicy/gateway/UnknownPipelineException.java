package dev.wspolicy.gateway;

import java.util.Set;
import java.util.TreeSet;

/**
 * A route names a pipeline that is not configured.
 */
public final class UnknownPipelineException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String pipeline;

	private final transient Set<String> known;

	/**
	 * An exception.
	 * @param pipeline the name that a route gives
	 * @param known the names that are configured
	 */
	public UnknownPipelineException(String pipeline, Set<String> known) {
		super("The filter 'WsPolicy=" + pipeline + "' names a pipeline that is not configured below"
				+ " 'ws-policy.pipelines' (configured: " + new TreeSet<>(known) + ")");
		this.pipeline = pipeline;
		this.known = known;
	}

	/**
	 * The name that a route gives.
	 * @return the name
	 */
	public String pipeline() {
		return this.pipeline;
	}

	/**
	 * The names that are configured.
	 * @return the names
	 */
	public Set<String> known() {
		return this.known;
	}

}
