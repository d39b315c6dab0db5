package dev.wspolicy.gateway;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.GatewayToStringStyler;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;

/**
 * Creates the {@code WsPolicy} filter, which names the pipeline that serves the WebSocket
 * sessions of a route: {@code WsPolicy=chat} in YAML,
 * {@code filter(wsPolicy.pipeline("chat"))} in the Java DSL. It does not affect HTTP
 * requests.
 */
public class WsPolicyGatewayFilterFactory extends AbstractGatewayFilterFactory<WsPolicyGatewayFilterFactory.Config> {

	/**
	 * The name of the filter in route definitions.
	 */
	public static final String NAME = "WsPolicy";

	private static final String ATTRIBUTE_PREFIX = WsPolicyGatewayFilterFactory.class.getName() + ".pipeline.";

	private final @Nullable PipelineCatalog catalog;

	/**
	 * Creates a factory that checks the names of pipelines.
	 * @param catalog the configured pipelines, or {@code null} to accept any name, if
	 * ws-policy is disabled
	 */
	public WsPolicyGatewayFilterFactory(@Nullable PipelineCatalog catalog) {
		super(Config.class);
		this.catalog = catalog;
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	public List<String> shortcutFieldOrder() {
		return List.of("pipeline");
	}

	/**
	 * Gathers all arguments, so that a second one is detected and reported.
	 */
	@Override
	public ShortcutType shortcutType() {
		return ShortcutType.GATHER_LIST;
	}

	/**
	 * Create the filter for a route that is defined with the Java DSL.
	 * @param pipeline the name of the pipeline
	 * @return the filter
	 * @throws UnknownPipelineException if no pipeline of that name is configured
	 */
	public GatewayFilter pipeline(String pipeline) {
		Config config = new Config();
		config.setPipeline(pipeline);
		return apply(config);
	}

	@Override
	public GatewayFilter apply(Config config) {
		String pipeline = config.getPipeline();
		if (this.catalog != null && !this.catalog.names().contains(pipeline)) {
			throw new UnknownPipelineException(pipeline, this.catalog.names());
		}
		return new PipelineFilter(pipeline, this);
	}

	/**
	 * Return the pipeline that serves an exchange. The name is bound to the route that
	 * sets it, so that it does not apply to a route that the exchange is forwarded to.
	 * @param exchange the exchange
	 * @param routeId the id of the current route
	 * @return the name of the pipeline
	 */
	static String pipelineOf(ServerWebExchange exchange, String routeId) {
		return exchange.getAttributeOrDefault(ATTRIBUTE_PREFIX + routeId, PipelineDefinition.DEFAULT_NAME);
	}

	/**
	 * The filter of one route.
	 *
	 * @param pipeline the name of the pipeline
	 * @param factory the factory that created the filter
	 */
	record PipelineFilter(String pipeline, WsPolicyGatewayFilterFactory factory) implements GatewayFilter {

		@Override
		public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
			Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
			exchange.getAttributes().put(ATTRIBUTE_PREFIX + route.getId(), this.pipeline);
			return chain.filter(exchange);
		}

		@Override
		public String toString() {
			return GatewayToStringStyler.filterToStringCreator(this.factory)
				.append("pipeline", this.pipeline)
				.toString();
		}

	}

	/**
	 * The configuration of the filter.
	 */
	public static class Config {

		private String pipeline = "";

		/**
		 * Return the name of the pipeline.
		 * @return the name
		 */
		public String getPipeline() {
			return this.pipeline;
		}

		public void setPipeline(String pipeline) {
			this.pipeline = pipeline;
		}

	}

}
