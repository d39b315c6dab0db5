package dev.wspolicy.autoconfigure;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationListener;

import dev.wspolicy.gateway.RoutePipelines;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;

/**
 * Logs a warning when the application is ready for each pipeline that no route uses. This
 * is not an error, because the route may be added later. But if the route lacks the
 * filter, the pipeline protects nothing.
 */
final class UnusedPipelineWarning implements ApplicationListener<ApplicationReadyEvent> {

	private static final Log logger = LogFactory.getLog(UnusedPipelineWarning.class);

	private final PipelineCatalog catalog;

	private final ObjectProvider<RouteLocator> routes;

	/**
	 * Creates a listener.
	 * @param catalog the pipelines
	 * @param routes the routes, looked up when the application is ready
	 */
	UnusedPipelineWarning(PipelineCatalog catalog, ObjectProvider<RouteLocator> routes) {
		this.catalog = catalog;
		this.routes = routes;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		boolean onlyDefault = this.catalog.names().equals(Set.of(PipelineDefinition.DEFAULT_NAME));
		if (!onlyDefault) {
			new RoutePipelines(this.routes.getObject()).byRoute()
				.subscribe(this::check, (failure) -> logger.debug("Cannot determine the routes", failure));
		}
	}

	private void check(Map<String, String> byRoute) {
		// An environment variable for a property of 'chat-room' also creates a pipeline
		// 'chatroom'.
		Set<String> used = byRoute.values().stream().map(RelaxedNames::uniform).collect(Collectors.toSet());
		for (String name : new TreeSet<>(this.catalog.names())) {
			if (used.contains(RelaxedNames.uniform(name))) {
				continue;
			}
			if (!name.equals(PipelineDefinition.DEFAULT_NAME)) {
				logger.warn(
						"The pipeline '" + name + "' is not used by any route yet. To use it, add the filter 'WsPolicy="
								+ name + "' to a route.");
			}
			else if (hasPolicies(this.catalog.definition(name))) {
				logger.warn("The pipeline '" + name
						+ "' lists policies but is not used by any route yet: each route names another"
						+ " pipeline, and pipelines do not inherit policies. List them in the other pipelines, too.");
			}
		}
	}

	private static boolean hasPolicies(PipelineDefinition definition) {
		return !definition.upgrade().isEmpty() || !definition.inbound().isEmpty() || !definition.outbound().isEmpty();
	}

}
