package dev.wspolicy.actuate;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import reactor.core.publisher.Mono;

import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.UpgradeBinding;

/**
 * {@link Endpoint @Endpoint} to see what serves the WebSocket sessions of each route, and
 * where each policy came from.
 */
@Endpoint(id = "websocketpipelines")
public class WebSocketPipelinesEndpoint {

	private final Mono<Map<String, String>> routes;

	private final PipelineCatalog catalog;

	private final List<UpgradeBinding> upgradeBeans;

	/**
	 * An endpoint.
	 * @param routes the names of pipelines by the ids of routes, as of when it is
	 * subscribed to
	 * @param catalog the pipelines
	 * @param upgradeBeans the upgrade policies that are beans, in order
	 */
	public WebSocketPipelinesEndpoint(Mono<Map<String, String>> routes, PipelineCatalog catalog,
			List<UpgradeBinding> upgradeBeans) {
		this.routes = routes;
		this.catalog = catalog;
		this.upgradeBeans = List.copyOf(upgradeBeans);
	}

	/**
	 * The pipelines of all routes.
	 * @return the pipelines
	 */
	@ReadOperation
	public Mono<PipelinesDescriptor> pipelines() {
		return this.routes.map((names) -> {
			Map<String, RoutePipelineDescriptor> pipelines = new TreeMap<>();
			names.forEach((route, name) -> pipelines.put(route, describe(route, name)));
			return new PipelinesDescriptor(pipelines);
		});
	}

	/**
	 * The pipeline of one route.
	 * @param route the id of the route
	 * @return the pipeline; empty if there is no such route
	 */
	@ReadOperation
	public Mono<RoutePipelineDescriptor> pipeline(@Selector String route) {
		return this.routes.mapNotNull((names) -> names.get(route)).map((name) -> describe(route, name));
	}

	private RoutePipelineDescriptor describe(String route, String name) {
		// What pipelines list changes with the configuration.
		List<UpgradeBinding> everywhere = this.upgradeBeans.stream()
			.filter((binding) -> !this.catalog.lists(binding.policy()))
			.toList();
		return RoutePipelineDescriptor.of(this.catalog, everywhere, name, route);
	}

}
