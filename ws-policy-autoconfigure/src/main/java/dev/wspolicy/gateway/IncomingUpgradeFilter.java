package dev.wspolicy.gateway;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.UpgradeContext;

/**
 * The outermost global filter of upgrades. It keeps the original request, rejects
 * responses that a client would mistake for a session, and notifies listeners of refused
 * upgrades, whichever component refuses them. Listeners are notified exactly once, of the
 * status that the client receives, when the response is committed. An attempt that a
 * filter retries, or a failure that a fallback handles, is not reported.
 */
public class IncomingUpgradeFilter implements GlobalFilter, Ordered {

	private static final Log logger = LogFactory.getLog(IncomingUpgradeFilter.class);

	private final List<SessionListener> listeners;

	private final RouteChangeListener routeChanges;

	/**
	 * Creates a filter that notifies the given listeners.
	 * @param listeners the listeners to notify of refused upgrades
	 * @param routeChanges the changes of routes while an upgrade is processed
	 */
	public IncomingUpgradeFilter(List<SessionListener> listeners, RouteChangeListener routeChanges) {
		this.listeners = List.copyOf(listeners);
		this.routeChanges = routeChanges;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
		// The request has passed this filter before and was forwarded to another route.
		if (IncomingUpgrade.of(exchange) != null || !mayBecomeSession(exchange)) {
			return chain.filter(exchange);
		}
		IncomingUpgrade upgrade = IncomingUpgrade.attachTo(exchange, this.routeChanges.latestChange());
		WatchedResponse response = new WatchedResponse(exchange, upgrade);
		// What nobody has committed is committed behind the handlers of errors. It is no
		// WebSocket of the application, which commits its response before it upgrades.
		return chain.filter(exchange.mutate().response(response).build())
			.then(Mono.defer(() -> response.isCommitted() ? Mono.empty() : response.rejectSuccess()));
	}

	/**
	 * An upgrade on any other route counts too, because the route may forward to a
	 * WebSocket route.
	 */
	private static boolean mayBecomeSession(ServerWebExchange exchange) {
		return HandshakeRules.isWebSocketUpgrade(exchange.getRequest())
				|| IncomingUpgrade.isExpectedOn(route(exchange), exchange.getRequest());
	}

	private static Route route(ServerWebExchange exchange) {
		return exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
	}

	private Mono<Void> answered(ServerWebExchange exchange, IncomingUpgrade upgrade, HttpStatusCode status) {
		// A filter that retries removes this mark, so a policy that refused an earlier
		// attempt is not reported for this one.
		String policy = ServerWebExchangeUtils.isAlreadyRouted(exchange) ? upgrade.policy() : null;
		return upgrade.context(exchange)
			.doOnNext((context) -> notifyListeners(context, status, policy))
			.doOnError((failure) -> logger
				.warn("Cannot notify listeners of an upgrade that was refused with " + status.value(), failure))
			.onErrorComplete()
			.then();
	}

	private void notifyListeners(UpgradeContext upgrade, HttpStatusCode status, @Nullable String policy) {
		for (SessionListener listener : this.listeners) {
			try {
				listener.onUpgradeRefused(upgrade, status, policy);
			}
			catch (Throwable ex) {
				// A failing listener must not affect the response.
				logger.warn("onUpgradeRefused of " + listener.getClass().getName() + " failed", ex);
			}
		}
	}

	/**
	 * Observes the status of the response when it is committed, after all other commit
	 * actions.
	 */
	private final class WatchedResponse extends ServerHttpResponseDecorator {

		private final ServerWebExchange exchange;

		private final IncomingUpgrade upgrade;

		/** Collected here so that they run before the status is inspected. */
		private final List<Supplier<? extends Mono<Void>>> commitActions = new ArrayList<>(2);

		private boolean hasBody;

		WatchedResponse(ServerWebExchange exchange, IncomingUpgrade upgrade) {
			super(exchange.getResponse());
			this.exchange = exchange;
			this.upgrade = upgrade;
			getDelegate().beforeCommit(this::commit);
		}

		@Override
		public void beforeCommit(Supplier<? extends Mono<Void>> action) {
			this.commitActions.add(action);
		}

		@Override
		public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
			this.hasBody = true;
			return super.writeWith(body);
		}

		@Override
		public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
			this.hasBody = true;
			return super.writeAndFlushWith(body);
		}

		private Mono<Void> commit() {
			return Flux.concat(Flux.fromIterable(this.commitActions).map(Supplier::get))
				.then(Mono.defer(this::rejectIfMistaken))
				.then(Mono.defer(() -> committed(status(getDelegate()))))
				// The error response does not run the commit actions again.
				.onErrorResume((failure) -> committed(statusOf(failure)).then(Mono.error(failure)));
		}

		private Mono<Void> rejectIfMistaken() {
			return isUpgradedHere(status(getDelegate())) ? Mono.empty() : rejectSuccess();
		}

		/** Whoever has set the status: no session may be announced but by a 101. */
		Mono<Void> rejectSuccess() {
			HttpStatusCode status = status(getDelegate());
			if (!ExtendedConnect.isMistakenForSession(this.upgrade.request(), status)) {
				return Mono.empty();
			}
			logger.warn("Route '" + route(this.exchange).getId() + "': responding with 502 in place of "
					+ status.value() + ", which would accept an upgrade over HTTP/2");
			return Mono.error(new ResponseStatusException(HttpStatus.BAD_GATEWAY,
					"A response with " + status + " is no upgrade"));
		}

		private Mono<Void> committed(HttpStatusCode status) {
			boolean refused = status.value() != HttpStatus.SWITCHING_PROTOCOLS.value() && !isUpgradedHere(status)
					&& IncomingUpgrade.isExpectedOn(route(this.exchange), this.upgrade.request());
			return refused ? answered(this.exchange, this.upgrade, status) : Mono.empty();
		}

		/**
		 * Return whether this application handles the WebSocket itself after a forward:
		 * such a handler commits a response without status and body before it upgrades
		 * the connection.
		 */
		private boolean isUpgradedHere(HttpStatusCode status) {
			URI uri = this.exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
			return !this.hasBody && status.value() == HttpStatus.OK.value() && uri != null
					&& "forward".equalsIgnoreCase(uri.getScheme());
		}

		private static HttpStatusCode status(ServerHttpResponse response) {
			HttpStatusCode status = response.getStatusCode();
			return (status != null) ? status : HttpStatus.OK;
		}

		private static HttpStatusCode statusOf(Throwable failure) {
			return (failure instanceof ErrorResponse response) ? response.getStatusCode()
					: HttpStatus.INTERNAL_SERVER_ERROR;
		}

	}

}
