package dev.wspolicy.autoconfigure;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;

import dev.wspolicy.gateway.UnknownPipelineException;
import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;
import dev.wspolicy.pipeline.PipelineCatalog;

/**
 * Looks at the routes in the configuration before the first of them is made, so that a
 * misspelt pipeline stops start-up. Gateway itself makes routes later, when it serves.
 */
final class RoutePipelineVerifier implements SmartInitializingSingleton {

	private final GatewayProperties gatewayProperties;

	private final PipelineCatalog catalog;

	RoutePipelineVerifier(GatewayProperties gatewayProperties, PipelineCatalog catalog) {
		this.gatewayProperties = gatewayProperties;
		this.catalog = catalog;
	}

	@Override
	public void afterSingletonsInstantiated() {
		Set<String> known = this.catalog.names();
		Stream<FilterDefinition> filters = Stream.concat(this.gatewayProperties.getDefaultFilters().stream(),
				this.gatewayProperties.getRoutes().stream().flatMap((route) -> route.getFilters().stream()));
		filters.filter((filter) -> WsPolicyGatewayFilterFactory.NAME.equals(filter.getName())).forEach((filter) -> {
			List<String> names = List.copyOf(filter.getArgs().values());
			String pipeline = (names.size() == 1) ? names.get(0) : "";
			// Gateway evaluates expressions when it makes the route, and checks the name
			// then.
			if (!known.contains(pipeline) && !pipeline.startsWith("#{")) {
				throw new UnknownPipelineException(pipeline, known);
			}
		});
	}

}
