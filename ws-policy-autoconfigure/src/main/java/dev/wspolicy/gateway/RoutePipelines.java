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
 * Which pipeline serves which route.
 */
public final class RoutePipelines {

	private final RouteLocator routes;

	/**
	 * The pipelines of routes.
	 * @param routes the routes
	 */
	public RoutePipelines(RouteLocator routes) {
		this.routes = routes;
	}

	/**
	 * The routes as they are now.
	 * @return the names of the pipelines by the ids of the routes
	 */
	public Mono<Map<String, String>> byRoute() {
		return this.routes.getRoutes().collect(TreeMap::new, (names, route) -> names.put(route.getId(), nameOf(route)));
	}

	/** That of the last filter, which overrules those before. */
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
