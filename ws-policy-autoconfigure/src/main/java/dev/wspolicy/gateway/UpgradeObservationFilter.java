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
 * Creates an observation for each upgrade. It starts before the first filter of the route
 * and stops with the response, and covers all attempts of a filter that retries. Its
 * parent is the observation of the HTTP request, and Gateway's observation of the
 * upstream request is its child.
 */
public class UpgradeObservationFilter implements GlobalFilter, Ordered {

	/** Marks an observed exchange, because a filter may forward it to another route. */
	private static final String OBSERVED = UpgradeObservationFilter.class.getName();

	private static final UpgradeObservationConvention DEFAULT = new DefaultUpgradeObservationConvention();

	private final ObservationRegistry registry;

	private final @Nullable UpgradeObservationConvention convention;

	/**
	 * Creates a filter that uses the given registry.
	 * @param registry the observation registry
	 * @param convention the naming convention, or {@code null} for the default
	 */
	public UpgradeObservationFilter(ObservationRegistry registry, @Nullable UpgradeObservationConvention convention) {
		this.registry = registry;
		this.convention = convention;
	}

	@Override
	public int getOrder() {
		// Directly inside IncomingUpgradeFilter, and outside every filter that may
		// refuse.
		return Ordered.HIGHEST_PRECEDENCE + 1;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
		if (this.registry.isNoop() || exchange.getAttribute(OBSERVED) != null || !IncomingUpgrade
			.isExpectedOn(exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR), exchange.getRequest())) {
			return chain.filter(exchange);
		}
		exchange.getAttributes().put(OBSERVED, true);
		return Mono.deferContextual((outer) -> {
			UpgradeObservationContext context = context(exchange);
			Observation observation = Observation.createNotStarted(this.convention, DEFAULT, () -> context,
					this.registry);
			observation.parentObservation(parent(outer)).start();
			Context inner = Context.of(outer).put(ObservationThreadLocalAccessor.KEY, observation);
			// Gateway looks up the parent of its upstream observation in this attribute.
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
