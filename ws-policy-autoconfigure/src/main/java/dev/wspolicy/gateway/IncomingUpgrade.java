package dev.wspolicy.gateway;

import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The upgrade request as it entered Gateway's filter chain: after the application's
 * {@code WebFilter}s and before the filters of the route. There is one instance per
 * exchange, even if a filter retries the request or forwards it to another route.
 */
final class IncomingUpgrade {

	private static final String ATTRIBUTE = IncomingUpgrade.class.getName();

	private final ServerHttpRequest request;

	/** The latest change of routes when the request arrived, or {@code null}. */
	private final @Nullable RouteChange arrival;

	/** The context of the latest attempt. */
	private @Nullable ExchangeUpgradeContext context;

	/** The upgrade policy that refused the latest attempt, or {@code null}. */
	private volatile @Nullable String policy;

	private IncomingUpgrade(ServerHttpRequest request, @Nullable RouteChange arrival) {
		this.request = request;
		this.arrival = arrival;
	}

	static IncomingUpgrade attachTo(ServerWebExchange exchange, @Nullable RouteChange arrival) {
		IncomingUpgrade upgrade = new IncomingUpgrade(exchange.getRequest(), arrival);
		exchange.getAttributes().put(ATTRIBUTE, upgrade);
		return upgrade;
	}

	static @Nullable IncomingUpgrade of(ServerWebExchange exchange) {
		return exchange.getAttribute(ATTRIBUTE);
	}

	/**
	 * Return the instance of an exchange, and attach one if {@link IncomingUpgradeFilter}
	 * is not in use.
	 */
	static IncomingUpgrade getOrAttach(ServerWebExchange exchange) {
		IncomingUpgrade upgrade = of(exchange);
		return (upgrade != null) ? upgrade : attachTo(exchange, null);
	}

	/**
	 * Return whether a request on a route is meant to open a session: any request on a
	 * route to {@code ws} or {@code wss}, or an upgrade request on a route to
	 * {@code http} or {@code https}.
	 */
	static boolean isExpectedOn(@Nullable Route route, ServerHttpRequest request) {
		String uri = (route != null) ? route.getUri().toString().toLowerCase(Locale.ROOT) : "";
		String target = uri.startsWith("lb:") ? uri.substring("lb:".length()) : uri;
		if (target.startsWith("ws:") || target.startsWith("wss:")) {
			return true;
		}
		boolean http = target.startsWith("http:") || target.startsWith("https:") || uri.startsWith("lb:");
		return http && HandshakeRules.isWebSocketUpgrade(request);
	}

	/**
	 * Return the original request, regardless of how the route's filters modified it.
	 */
	ServerHttpRequest request() {
		return this.request;
	}

	/**
	 * Return the latest change of routes when the request arrived, or {@code null} if
	 * {@link IncomingUpgradeFilter} is not in use.
	 */
	@Nullable RouteChange arrival() {
		return this.arrival;
	}

	/**
	 * Set the name of the policy that refuses the current attempt, or {@code null} for
	 * none.
	 */
	void refusedBy(@Nullable String policy) {
		this.policy = policy;
	}

	@Nullable String policy() {
		return this.policy;
	}

	/**
	 * Create the context that policies and listeners get for the current attempt.
	 * @param exchange the exchange as modified by the route's filters
	 * @param upstreamUri the URI of the upstream
	 * @return the context
	 */
	Mono<ExchangeUpgradeContext> context(ServerWebExchange exchange, URI upstreamUri) {
		return exchange.getPrincipal().map(Optional::of).defaultIfEmpty(Optional.empty()).map((principal) -> {
			ExchangeUpgradeContext made = ExchangeUpgradeContext.of(exchange, this.request, principal.orElse(null),
					upstreamUri);
			this.context = made;
			return made;
		});
	}

	/**
	 * Return the context that listeners get for a refused upgrade. The URI of the
	 * upstream may not have been determined yet.
	 */
	Mono<ExchangeUpgradeContext> context(ServerWebExchange exchange) {
		Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
		ExchangeUpgradeContext made = this.context;
		if (made != null && made.routeId().equals(route.getId())) {
			return Mono.just(made);
		}
		URI uri = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
		return context(exchange, Objects.requireNonNullElse(uri, route.getUri()));
	}

}
