package dev.wspolicy.autoconfigure;

import java.util.Set;
import java.util.stream.Stream;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;

import dev.wspolicy.gateway.UnknownPipelineException;
import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;
import dev.wspolicy.pipeline.PipelineCatalog;

/**
 * Verifies the pipelines of the configured routes, so that a misspelled name makes
 * start-up fail. Gateway itself creates routes later, when it serves requests.
 */
final class RoutePipelineVerifier implements SmartInitializingSingleton {

	private static final String FILTER_PROPERTY = "spring.cloud.gateway.server.webflux.filter.ws-policy.enabled";

	private final GatewayProperties gatewayProperties;

	private final PipelineCatalog catalog;

	private final boolean filterEnabled;

	RoutePipelineVerifier(GatewayProperties gatewayProperties, PipelineCatalog catalog, boolean filterEnabled) {
		this.gatewayProperties = gatewayProperties;
		this.catalog = catalog;
		this.filterEnabled = filterEnabled;
	}

	@Override
	public void afterSingletonsInstantiated() {
		Set<String> known = this.catalog.names();
		Stream<FilterDefinition> filters = Stream.concat(this.gatewayProperties.getDefaultFilters().stream(),
				this.gatewayProperties.getRoutes().stream().flatMap((route) -> route.getFilters().stream()));
		filters.filter((filter) -> WsPolicyGatewayFilterFactory.NAME.equals(filter.getName())).forEach((filter) -> {
			String pipeline = String.join(",", filter.getArgs().values());
			if (!this.filterEnabled) {
				throw new InvalidPipelineException(
						"A route has the filter 'WsPolicy=" + pipeline + "', but the property '" + FILTER_PROPERTY
								+ "' is false.",
						"Remove the property, or remove the filter from the route. To disable ws-policy, set"
								+ " 'ws-policy.enabled' to false.");
			}
			// Expressions are evaluated when Gateway creates the route, which then
			// verifies the name.
			if (!known.contains(pipeline) && !pipeline.contains("#{")) {
				throw new UnknownPipelineException(pipeline, known);
			}
		});
	}

}
