package dev.wspolicy.gateway;

import java.util.Map;
import java.util.TreeMap;

import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import reactor.core.publisher.Mono;

import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory.PipelineFilter;
import dev.wspolicy.pipeline.PipelineDefinition;

/**
 * Determines which pipeline serves each route.
 */
public final class RoutePipelines {

	private final RouteLocator routes;

	/**
	 * Creates an instance for the given routes.
	 * @param routes the locator of the routes
	 */
	public RoutePipelines(RouteLocator routes) {
		this.routes = routes;
	}

	/**
	 * Return the pipelines of the current routes.
	 * @return pipeline names by route id
	 */
	public Mono<Map<String, String>> byRoute() {
		return this.routes.getRoutes().collect(TreeMap::new, (names, route) -> names.put(route.getId(), nameOf(route)));
	}

	/** The last {@code WsPolicy} filter of a route takes precedence. */
	private static String nameOf(Route route) {
		String name = PipelineDefinition.DEFAULT_NAME;
		for (GatewayFilter filter : route.getFilters()) {
			GatewayFilter plain = (filter instanceof OrderedGatewayFilter ordered) ? ordered.getDelegate() : filter;
			if (plain instanceof PipelineFilter pipeline) {
				name = pipeline.pipeline();
			}
		}
		return name;
	}

}
