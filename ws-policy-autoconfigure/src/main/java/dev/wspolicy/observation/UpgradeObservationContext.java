package dev.wspolicy.observation;

import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * What is known of an upgrade that is observed.
 */
public class UpgradeObservationContext extends Observation.Context {

	private final String routeId;

	private final ServerHttpRequest request;

	private @Nullable HttpStatusCode status;

	/**
	 * A context.
	 * @param routeId the id of the route
	 * @param request the request
	 */
	public UpgradeObservationContext(String routeId, ServerHttpRequest request) {
		this.routeId = routeId;
		this.request = request;
	}

	/**
	 * The id of the route.
	 * @return the id
	 */
	public String getRouteId() {
		return this.routeId;
	}

	/**
	 * The request, as the filters of the route have left it.
	 * @return the request
	 */
	public ServerHttpRequest getRequest() {
		return this.request;
	}

	/**
	 * What the request is answered with.
	 * @return 101 for an open session; {@code null} as long as there is no answer, and if
	 * the client has left
	 */
	public @Nullable HttpStatusCode getStatus() {
		return this.status;
	}

	public void setStatus(@Nullable HttpStatusCode status) {
		this.status = status;
	}

}
