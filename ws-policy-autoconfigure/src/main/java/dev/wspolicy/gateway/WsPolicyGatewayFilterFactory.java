package dev.wspolicy.gateway;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.support.GatewayToStringStyler;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

import dev.wspolicy.pipeline.PipelineCatalog;

/**
 * The {@code WsPolicy} filter of a route: names the pipeline that serves its WebSocket
 * sessions. {@code WsPolicy=chat} in YAML, {@code filter(wsPolicy.pipeline("chat"))} in
 * the Java DSL. HTTP requests pass it untouched.
 */
public class WsPolicyGatewayFilterFactory extends AbstractGatewayFilterFactory<WsPolicyGatewayFilterFactory.Config> {

	/**
	 * The name of the filter in route definitions.
	 */
	public static final String NAME = "WsPolicy";

	static final String PIPELINE_ATTRIBUTE = WsPolicyGatewayFilterFactory.class.getName() + ".pipeline";

	private final @Nullable PipelineCatalog catalog;

	/**
	 * A factory.
	 * @param catalog the pipelines that may be named, or {@code null} if the library is
	 * switched off and any name will do
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
	 * The filter for a route, as the Java DSL wants it.
	 * @param pipeline the name of the pipeline
	 * @return the filter
	 * @throws UnknownPipelineException if there is no pipeline of that name
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
	 * The filter of one route.
	 *
	 * @param pipeline the name of the pipeline
	 * @param factory what has made it
	 */
	record PipelineFilter(String pipeline, WsPolicyGatewayFilterFactory factory) implements GatewayFilter {

		@Override
		public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
			exchange.getAttributes().put(PIPELINE_ATTRIBUTE, this.pipeline);
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
	 * The settings of the filter.
	 */
	public static class Config {

		private String pipeline = "";

		/**
		 * The name of the pipeline.
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
