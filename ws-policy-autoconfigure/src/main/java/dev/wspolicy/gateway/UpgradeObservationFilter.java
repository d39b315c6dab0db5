package dev.wspolicy.gateway;

import java.util.Objects;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import dev.wspolicy.observation.DefaultUpgradeObservationConvention;
import dev.wspolicy.observation.UpgradeObservationContext;
import dev.wspolicy.observation.UpgradeObservationConvention;

/**
 * Observes upgrades, from the upgrade policies to the answer. The observation is a child
 * of the HTTP request's, and the parent of the one in which Gateway writes headers for
 * the upstream.
 */
public class UpgradeObservationFilter implements GlobalFilter, Ordered {

	private static final UpgradeObservationConvention DEFAULT = new DefaultUpgradeObservationConvention();

	private final ObservationRegistry registry;

	private final @Nullable UpgradeObservationConvention convention;

	/**
	 * A filter.
	 * @param registry where upgrades are observed
	 * @param convention how they are named, or {@code null} for the default
	 */
	public UpgradeObservationFilter(ObservationRegistry registry, @Nullable UpgradeObservationConvention convention) {
		this.registry = registry;
		this.convention = convention;
	}

	@Override
	public int getOrder() {
		// Right before WsPolicyRoutingFilter.
		return Ordered.LOWEST_PRECEDENCE - 3;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
		if (this.registry.isNoop() || ServerWebExchangeUtils.isAlreadyRouted(exchange)
				|| WsPolicyRoutingFilter.webSocketUri(exchange) == null) {
			return chain.filter(exchange);
		}
		return Mono.deferContextual((outer) -> {
			UpgradeObservationContext context = context(exchange);
			Observation observation = Observation.createNotStarted(this.convention, DEFAULT, () -> context,
					this.registry);
			observation.parentObservation(parent(outer)).start();
			Context inner = Context.of(outer).put(ObservationThreadLocalAccessor.KEY, observation);
			// Where Gateway looks for the parent of what it sends to upstreams.
			exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_REACTOR_CONTEXT_ATTR, inner);
			return chain.filter(exchange)
				.doOnSuccess((done) -> context.setStatus(exchange.getResponse().getStatusCode()))
				.doOnError((failure) -> {
					context.setStatus((failure instanceof ErrorResponse response) ? response.getStatusCode()
							: HttpStatus.INTERNAL_SERVER_ERROR);
					observation.error(failure);
				})
				.doFinally((signal) -> observation.stop())
				.contextWrite((ignored) -> inner);
		});
	}

	private static UpgradeObservationContext context(ServerWebExchange exchange) {
		Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
		return new UpgradeObservationContext(Objects.requireNonNullElse(route.getId(), ""), exchange.getRequest());
	}

	private static @Nullable Observation parent(ContextView context) {
		return context.<@Nullable Observation>getOrDefault(ObservationThreadLocalAccessor.KEY, null);
	}

}
