package dev.wspolicy.actuate;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import reactor.core.publisher.Mono;

import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;

/**
 * {@link Endpoint @Endpoint} that shows which pipeline serves the WebSocket sessions of
 * each route, and where its policies come from. It is read-only unless its access is set
 * to unrestricted.
 */
@Endpoint(id = "websocketpipelines", defaultAccess = Access.READ_ONLY)
public class WebSocketPipelinesEndpoint {

	private final Mono<Map<String, String>> routes;

	private final PipelineCatalog catalog;

	private final SessionRegistry sessions;

	/**
	 * Creates an endpoint.
	 * @param routes emits the current names of pipelines by route id
	 * @param catalog the pipelines
	 * @param sessions the live sessions
	 */
	public WebSocketPipelinesEndpoint(Mono<Map<String, String>> routes, PipelineCatalog catalog,
			SessionRegistry sessions) {
		this.routes = routes;
		this.catalog = catalog;
		this.sessions = sessions;
	}

	/**
	 * Return the pipelines of all routes.
	 * @return the pipelines
	 */
	@ReadOperation
	public Mono<PipelinesDescriptor> pipelines() {
		return this.routes.map((names) -> {
			Map<String, Long> sessions = this.sessions.stream()
				.filter(ProxiedSession::isOpen)
				.collect(Collectors.groupingBy((session) -> session.upgrade().routeId(), Collectors.counting()));
			Map<String, RoutePipelineDescriptor> pipelines = new TreeMap<>();
			names.forEach((route, name) -> pipelines.put(route,
					RoutePipelineDescriptor.of(this.catalog, name, route, sessions.getOrDefault(route, 0L))));
			return new PipelinesDescriptor(pipelines);
		});
	}

	/**
	 * Return the pipeline of one route.
	 * @param route the id of the route
	 * @return the pipeline, or an empty {@code Mono} if there is no such route
	 */
	@ReadOperation
	public Mono<RoutePipelineDescriptor> pipeline(@Selector(match = Match.ALL_REMAINING) String... route) {
		String id = String.join("/", route);
		return this.routes.mapNotNull((names) -> names.get(id))
			.map((name) -> RoutePipelineDescriptor.of(this.catalog, name, id,
					this.sessions.stream()
						.filter((session) -> session.isOpen() && session.upgrade().routeId().equals(id))
						.count()));
	}

}
