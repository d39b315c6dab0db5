package dev.wspolicy.observation;

import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * {@link Observation.Context} for the observation of an upgrade.
 */
public class UpgradeObservationContext extends Observation.Context {

	private final String routeId;

	private final ServerHttpRequest request;

	private @Nullable HttpStatusCode status;

	/**
	 * Creates a context for an upgrade.
	 * @param routeId the id of the route
	 * @param request the request
	 */
	public UpgradeObservationContext(String routeId, ServerHttpRequest request) {
		this.routeId = routeId;
		this.request = request;
	}

	/**
	 * Return the id of the route.
	 * @return the id
	 */
	public String getRouteId() {
		return this.routeId;
	}

	/**
	 * Return the request as modified by the filters of the route.
	 * @return the request
	 */
	public ServerHttpRequest getRequest() {
		return this.request;
	}

	/**
	 * Return the status of the response.
	 * @return 101 for an opened session, or {@code null} while there is no response and
	 * if the client has disconnected
	 */
	public @Nullable HttpStatusCode getStatus() {
		return this.status;
	}

	public void setStatus(@Nullable HttpStatusCode status) {
		this.status = status;
	}

}
