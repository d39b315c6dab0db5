package dev.wspolicy.gateway;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SSLException;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.NotSslRecordException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.util.StringUtils;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.channel.ChannelOperations;

import dev.wspolicy.gateway.UpstreamDialer.Answer;
import dev.wspolicy.gateway.UpstreamDialer.Open;
import dev.wspolicy.gateway.UpstreamDialer.Refused;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.netty.UpstreamHandshake;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.UpgradeContext;

/**
 * Routes WebSocket upgrades in place of Gateway's own filter. It calls the upgrade
 * policies, then dials the upstream, and lets the client be sent a 101 only after the
 * upstream has sent one.
 */
public class WsPolicyRoutingFilter implements GlobalFilter, Ordered {

	private static final Log logger = LogFactory.getLog(WsPolicyRoutingFilter.class);

	private static final String RETRY_AFTER_SECONDS = "5";

	private final PipelineCatalog catalog;

	private final LiveSessions sessions;

	private final UpstreamDialer dialer;

	private final List<HttpHeadersFilter> headersFilters;

	/**
	 * Creates a routing filter.
	 * @param catalog the pipelines
	 * @param sessions the live sessions, which may be draining
	 * @param dialer dials the upstreams
	 * @param headersFilters the filters of the headers between client and upstream
	 */
	public WsPolicyRoutingFilter(PipelineCatalog catalog, LiveSessions sessions, UpstreamDialer dialer,
			List<HttpHeadersFilter> headersFilters) {
		this.catalog = catalog;
		this.sessions = sessions;
		this.dialer = dialer;
		this.headersFilters = List.copyOf(headersFilters);
	}

	@Override
	public int getOrder() {
		// Directly before Gateway's WebsocketRoutingFilter.
		return Ordered.LOWEST_PRECEDENCE - 2;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
		URI upstreamUri = webSocketUri(exchange);
		if (upstreamUri == null || ServerWebExchangeUtils.isAlreadyRouted(exchange)) {
			return chain.filter(exchange);
		}
		ServerWebExchangeUtils.setAlreadyRouted(exchange);
		exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR, upstreamUri);
		PendingSession earlier = PendingSession.takeFrom(exchange);
		if (earlier != null) {
			// A filter retries although the upstream has already sent a 101.
			earlier.discard();
		}
		IncomingUpgrade incoming = IncomingUpgrade.getOrAttach(exchange);
		incoming.refusedBy(null);
		return incoming.context(exchange, upstreamUri).flatMap((upgrade) -> route(exchange, upgrade));
	}

	/**
	 * Return the URI of the upstream, or {@code null} if this is neither a request on a
	 * route to {@code ws} or {@code wss} nor an upgrade request on a route to
	 * {@code http} or {@code https}.
	 */
	static @Nullable URI webSocketUri(ServerWebExchange exchange) {
		URI uri = withHost(exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR), exchange);
		String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
		if ("ws".equals(scheme) || "wss".equals(scheme)) {
			return uri;
		}
		boolean http = "http".equals(scheme) || "https".equals(scheme);
		if (!http || !HandshakeRules.isWebSocketUpgrade(exchange.getRequest())) {
			return null;
		}
		// Replace only the scheme, so that the rest stays encoded as for a GET request.
		return URI.create(("https".equals(scheme) ? "wss" : "ws") + uri.toString().substring(scheme.length()));
	}

	/**
	 * Restores the host if {@link URI} cannot parse it and Gateway therefore loses it,
	 * such as host names with an underscore in container networks.
	 */
	private static URI withHost(URI uri, ServerWebExchange exchange) {
		Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
		String authority = route.getUri().getRawAuthority();
		if (uri.getRawAuthority() != null || authority == null) {
			return uri;
		}
		return URI.create(uri.getScheme() + "://" + withoutUserInfo(authority) + uri.getRawSchemeSpecificPart());
	}

	private Mono<Void> route(ServerWebExchange exchange, ExchangeUpgradeContext upgrade) {
		UpgradeRejection malformed = HandshakeRules.check(exchange.getRequest());
		if (malformed != null) {
			return reject(exchange, upgrade, malformed);
		}
		PipelineDefinition pipeline = this.catalog
			.definition(WsPolicyGatewayFilterFactory.pipelineOf(exchange, upgrade.routeId()));
		if (this.sessions.isDraining()) {
			HttpHeaders headers = new HttpHeaders();
			headers.set(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
			return reject(exchange, upgrade, new UpgradeRejection(HttpStatus.SERVICE_UNAVAILABLE, headers));
		}
		if (!pipeline.enabled()) {
			return reject(exchange, upgrade, new UpgradeRejection(HttpStatus.SERVICE_UNAVAILABLE, HttpHeaders.EMPTY));
		}
		Admissions earlier = Admissions.of(exchange);
		if (earlier != null && earlier.isAccepted(upgrade.routeId(), pipeline)) {
			// A filter retries: the policies have already accepted this request, and the
			// admissions of the first attempt are still in place.
			return dial(exchange, upgrade, pipeline);
		}
		Admissions admissions = Admissions.attachTo(exchange);
		return rejection(exchange, upgrade, pipeline, admissions)
			.flatMap((rejection) -> reject(exchange, upgrade, rejection).thenReturn(true))
			.switchIfEmpty(Mono.defer(() -> {
				admissions.accepted(upgrade.routeId(), pipeline);
				IncomingUpgrade.getOrAttach(exchange).refusedBy(null);
				return dial(exchange, upgrade, pipeline).thenReturn(true);
			}))
			.then();
	}

	/**
	 * Return the first rejection of an upgrade policy, or an empty {@code Mono} if all
	 * accept.
	 */
	private Mono<UpgradeRejection> rejection(ServerWebExchange exchange, UpgradeContext upgrade,
			PipelineDefinition pipeline, Admissions admissions) {
		List<UpgradeBinding> policies = this.catalog.upgradePolicies(pipeline, upgrade.routeId());
		if (policies.isEmpty()) {
			return Mono.empty();
		}
		IncomingUpgrade incoming = IncomingUpgrade.getOrAttach(exchange);
		// On the client's event loop, which also reads what many policies wait for.
		Mono<Boolean> expiry = UpstreamDialer.expiry(pipeline.settings().timeouts().handshake(),
				clientChannel(exchange).eventLoop());
		return Flux.fromIterable(policies).concatMap((binding) -> {
			// Counts as the refusing policy until it has accepted: it may fail or time
			// out.
			incoming.refusedBy(binding.name());
			return admissions.collectFrom(binding.policy().apply(upgrade))
				.switchIfEmpty(Mono.error(() -> noVerdict(upgrade, binding)))
				.ofType(UpgradeVerdict.Refuse.class)
				.map((refuse) -> new UpgradeRejection(refuse.status(), refuse.headers()));
		}, 1).next().timeout(expiry, Mono.error(() -> timedOut(upgrade, pipeline)));
	}

	private static IllegalStateException noVerdict(UpgradeContext upgrade, UpgradeBinding binding) {
		return new IllegalStateException("Route '" + upgrade.routeId() + "': the upgrade policy '" + binding.name()
				+ "' has returned no verdict");
	}

	private static TimeoutException timedOut(UpgradeContext upgrade, PipelineDefinition pipeline) {
		return new TimeoutException(
				"Route '" + upgrade.routeId() + "': the upgrade policies have not returned a verdict within "
						+ pipeline.settings().timeouts().handshake() + ", the handshake-timeout of the pipeline '"
						+ pipeline.name() + "'");
	}

	private static Mono<Void> reject(ServerWebExchange exchange, UpgradeContext upgrade, UpgradeRejection rejection) {
		if (rejection.problem() != null && logger.isDebugEnabled()) {
			logger.debug("Route '" + upgrade.routeId() + "': refusing an upgrade with " + rejection.status().value()
					+ ": " + rejection.problem());
		}
		rejection.writeTo(exchange);
		return Mono.empty();
	}

	private Mono<Void> dial(ServerWebExchange exchange, ExchangeUpgradeContext upgrade, PipelineDefinition pipeline) {
		EventLoop loop = clientChannel(exchange).eventLoop();
		return this.dialer
			.dial(upgrade.upstreamUri(), requestHeaders(exchange), pipeline.settings().wireOptions().compression(),
					loop, pipeline.settings().timeouts().handshake())
			.onErrorMap((ex) -> toFailure(upgrade, ex))
			.doOnNext((answer) -> {
				try {
					answered(exchange, upgrade, pipeline, answer);
				}
				catch (RuntimeException | Error ex) {
					answer.discard();
					throw ex;
				}
			})
			.then();
	}

	static Channel clientChannel(ServerWebExchange exchange) {
		Object request = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
		if (request instanceof ChannelOperations<?, ?> operations) {
			return operations.channel();
		}
		throw new IllegalStateException(
				"WebSocket sessions require the Reactor Netty server, but this request came from "
						+ request.getClass().getName()
						+ ": use a NettyReactiveWebServerFactory, or set 'ws-policy.enabled' to false");
	}

	/**
	 * Return the headers that Gateway would send for an HTTP route.
	 */
	private HttpHeaders requestHeaders(ServerWebExchange exchange) {
		HttpHeaders headers = HttpHeaders.copyOf(HttpHeadersFilter.filterRequest(this.headersFilters, exchange));
		// The request has no body, so there is nothing to wait for.
		headers.remove(HttpHeaders.EXPECT);
		headers.remove(HttpHeaders.HOST);
		if (exchange.getAttributeOrDefault(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, false)) {
			String host = exchange.getRequest().getHeaders().getFirst(HttpHeaders.HOST);
			if (host != null) {
				headers.set(HttpHeaders.HOST, host);
			}
		}
		return headers;
	}

	private static ResponseStatusException toFailure(UpgradeContext upgrade, Throwable thrown) {
		// Netty's own message contains the bytes that the upstream sent.
		Throwable failure = (thrown instanceof NotSslRecordException) ? new SSLException("the response is not TLS")
				: thrown;
		boolean late = failure instanceof TimeoutException;
		HttpStatus status = late ? HttpStatus.GATEWAY_TIMEOUT : HttpStatus.BAD_GATEWAY;
		String authority = upgrade.upstreamUri().getRawAuthority();
		logger.warn("Route '" + upgrade.routeId() + "': no WebSocket upstream at "
				+ ((authority != null) ? withoutUserInfo(authority) : "an unknown host") + " (" + failure
				+ "), responding with " + status.value());
		// The exception type that Gateway's routing filter would use, for Retry and
		// fallbacks.
		Throwable cause = late ? new org.springframework.cloud.gateway.support.TimeoutException(failure.getMessage())
				: failure;
		return new ResponseStatusException(status, "WebSocket upstream: " + failure.getMessage(), cause);
	}

	/** The user info may contain a password, which must not be logged. */
	private static String withoutUserInfo(String authority) {
		return authority.substring(authority.lastIndexOf('@') + 1);
	}

	private void answered(ServerWebExchange exchange, ExchangeUpgradeContext upgrade, PipelineDefinition pipeline,
			Answer answer) {
		if (answer instanceof Open open) {
			HttpHeaders headers = toSpring(open.leg().responseHeaders());
			exchange.getResponse().setStatusCode(HttpStatus.SWITCHING_PROTOCOLS);
			addResponseHeaders(exchange, headers);
			String subprotocol = open.leg().subprotocol();
			// Read before the session is created, so that no later change is missed.
			PipelineDefinition definition = this.catalog.definition(pipeline.name());
			SessionPipeline resolved = this.catalog.resolve(pipeline.name(), upgrade.routeId(), subprotocol);
			new PendingSession(open.leg(), upgrade.withResponse(subprotocol, headers), resolved,
					() -> this.catalog.successor(definition, resolved, upgrade.routeId(), subprotocol))
				.attachTo(exchange);
		}
		else if (answer instanceof Refused refused) {
			HttpStatusCode status = HttpStatusCode.valueOf(refused.response().status().code());
			Channel client = clientChannel(exchange);
			UpstreamHandshake.onSilence(refused.connection().channel(), pipeline.settings().timeouts().handshake(),
					() -> abortStalledResponse(exchange, upgrade, client, refused));
			// As for HTTP routes, Gateway's write filter relays the body from this
			// connection.
			exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR, refused.response());
			exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR, refused.connection());
			HttpHeaders headers = toSpring(refused.response().responseHeaders());
			String contentType = headers.getFirst(HttpHeaders.CONTENT_TYPE);
			if (StringUtils.hasLength(contentType)) {
				exchange.getAttributes().put(ServerWebExchangeUtils.ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR, contentType);
			}
			exchange.getResponse().setStatusCode(status);
			addResponseHeaders(exchange, headers);
		}
	}

	/** Closes the connection, because part of the response may have been sent already. */
	private static void abortStalledResponse(ServerWebExchange exchange, UpgradeContext upgrade, Channel client,
			Refused refused) {
		logger.warn("Route '" + upgrade.routeId() + "': the upstream at "
				+ withoutUserInfo(upgrade.upstreamUri().getAuthority()) + " has refused an upgrade with "
				+ refused.response().status().code() + " and has stopped sending its response, closing the connection");
		if (exchange.getResponse().isCommitted()) {
			client.close();
		}
		refused.discard();
	}

	private void addResponseHeaders(ServerWebExchange exchange, HttpHeaders headers) {
		HttpHeaders filtered = HttpHeadersFilter.filter(this.headersFilters, headers, exchange,
				HttpHeadersFilter.Type.RESPONSE);
		ServerHttpResponse response = exchange.getResponse();
		filtered.forEach((name, values) -> {
			if (!HandshakeRules.isHandshakeHeader(name)) {
				response.getHeaders().addAll(name, values);
			}
		});
		exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_HEADER_NAMES, filtered.headerNames());
	}

	private static HttpHeaders toSpring(io.netty.handler.codec.http.HttpHeaders headers) {
		HttpHeaders copy = new HttpHeaders();
		for (Map.Entry<String, String> header : headers) {
			copy.add(header.getKey(), header.getValue());
		}
		return copy;
	}

}
