package dev.wspolicy.gateway;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

import io.netty.channel.EventLoop;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.UriComponentsBuilder;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.channel.ChannelOperations;

import dev.wspolicy.gateway.UpstreamDialer.Answer;
import dev.wspolicy.gateway.UpstreamDialer.Open;
import dev.wspolicy.gateway.UpstreamDialer.Refused;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.UpgradeContext;

/**
 * Routes WebSocket upgrades in place of Gateway's own filter: asks the upgrade policies,
 * dials the upstream, and only when that has given its 101 lets the client have one.
 */
public class WsPolicyRoutingFilter implements GlobalFilter, Ordered {

	private static final Log logger = LogFactory.getLog(WsPolicyRoutingFilter.class);

	private static final String RETRY_AFTER_SECONDS = "5";

	private final PipelineCatalog catalog;

	private final LiveSessions sessions;

	private final UpstreamDialer dialer;

	private final List<HttpHeadersFilter> headersFilters;

	private final List<UpgradePolicy> upgradePolicies;

	private final List<SessionListener> listeners;

	/**
	 * A filter.
	 * @param catalog the pipelines
	 * @param sessions the sessions that live, which may be draining
	 * @param dialer dials the upstreams
	 * @param headersFilters the filters of headers between client and upstream
	 * @param upgradePolicies may refuse upgrades, in order; those that a pipeline lists
	 * serve only there
	 * @param listeners hear of refused upgrades
	 */
	public WsPolicyRoutingFilter(PipelineCatalog catalog, LiveSessions sessions, UpstreamDialer dialer,
			List<HttpHeadersFilter> headersFilters, List<UpgradePolicy> upgradePolicies,
			List<SessionListener> listeners) {
		this.catalog = catalog;
		this.sessions = sessions;
		this.dialer = dialer;
		this.headersFilters = List.copyOf(headersFilters);
		this.upgradePolicies = List.copyOf(upgradePolicies);
		this.listeners = List.copyOf(listeners);
	}

	@Override
	public int getOrder() {
		// Right before Gateway's WebsocketRoutingFilter.
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
		return exchange.getPrincipal().map(Optional::of).defaultIfEmpty(Optional.empty()).flatMap((principal) -> {
			ExchangeUpgradeContext upgrade = ExchangeUpgradeContext.of(exchange, principal.orElse(null), upstreamUri);
			return route(exchange, upgrade);
		});
	}

	/**
	 * The upstream's URI if this is for us: a route to ws or wss, or an upgrade to http
	 * or https.
	 */
	static @Nullable URI webSocketUri(ServerWebExchange exchange) {
		URI uri = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
		String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
		if ("ws".equals(scheme) || "wss".equals(scheme)) {
			return uri;
		}
		boolean http = "http".equals(scheme) || "https".equals(scheme);
		if (!http || !HandshakeRules.wantsWebSocket(exchange.getRequest())) {
			return null;
		}
		boolean encoded = ServerWebExchangeUtils.containsEncodedParts(uri);
		return UriComponentsBuilder.fromUri(uri).scheme("https".equals(scheme) ? "wss" : "ws").build(encoded).toUri();
	}

	private Mono<Void> route(ServerWebExchange exchange, ExchangeUpgradeContext upgrade) {
		Refusal malformed = HandshakeRules.check(exchange.getRequest());
		if (malformed != null) {
			return refuse(exchange, upgrade, malformed);
		}
		PipelineDefinition pipeline = this.catalog.definition(exchange
			.getAttributeOrDefault(WsPolicyGatewayFilterFactory.PIPELINE_ATTRIBUTE, PipelineDefinition.DEFAULT_NAME));
		if (this.sessions.isDraining()) {
			HttpHeaders headers = new HttpHeaders();
			headers.set(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
			return refuse(exchange, upgrade, new Refusal(HttpStatus.SERVICE_UNAVAILABLE, headers));
		}
		if (!pipeline.enabled()) {
			return refuse(exchange, upgrade, new Refusal(HttpStatus.SERVICE_UNAVAILABLE, HttpHeaders.EMPTY));
		}
		return refusalOf(upgrade, pipeline, UpgradeHolds.attachTo(exchange))
			.flatMap((refusal) -> refuse(exchange, upgrade, refusal).thenReturn(true))
			.switchIfEmpty(Mono.defer(() -> dial(exchange, upgrade, pipeline).thenReturn(true)))
			.then();
	}

	/** The first refusal of an upgrade policy, empty if all accept. */
	private Mono<Refusal> refusalOf(UpgradeContext upgrade, PipelineDefinition pipeline, UpgradeHolds holds) {
		if (this.upgradePolicies.isEmpty() && pipeline.upgrade().isEmpty()) {
			return Mono.empty();
		}
		return Flux.fromIterable(this.upgradePolicies)
			.filter((policy) -> !this.catalog.lists(policy))
			.concatWith(Flux.fromIterable(pipeline.upgrade()).map(UpgradeBinding::policy))
			.concatMap((policy) -> holds.watch(policy.apply(upgrade)), 1)
			.ofType(UpgradeVerdict.Refuse.class)
			.next()
			.map((refuse) -> new Refusal(refuse.status(), refuse.headers()))
			.timeout(pipeline.timeouts().handshake(), Mono.error(() -> late(upgrade, pipeline)))
			.doOnError((failure) -> tellRefused(upgrade, (failure instanceof ErrorResponse response)
					? response.getStatusCode() : HttpStatus.INTERNAL_SERVER_ERROR));
	}

	private static TimeoutException late(UpgradeContext upgrade, PipelineDefinition pipeline) {
		return new TimeoutException("Route '" + upgrade.routeId() + "': the upgrade policies have not answered within "
				+ pipeline.timeouts().handshake() + ", the handshake-timeout of the pipeline '" + pipeline.name()
				+ "'");
	}

	private Mono<Void> refuse(ServerWebExchange exchange, UpgradeContext upgrade, Refusal refusal) {
		refusal.writeTo(exchange.getResponse());
		tellRefused(upgrade, refusal.status());
		return Mono.empty();
	}

	private Mono<Void> dial(ServerWebExchange exchange, ExchangeUpgradeContext upgrade, PipelineDefinition pipeline) {
		EventLoop loop = eventLoop(exchange);
		return this.dialer
			.dial(upgrade.upstreamUri(), requestHeaders(exchange), upgrade.offeredSubprotocols(),
					pipeline.framing().compression(), loop, pipeline.timeouts().handshake())
			.onErrorMap((ex) -> unreachable(upgrade, ex))
			.doOnNext((answer) -> {
				try {
					answered(exchange, upgrade, pipeline, answer);
				}
				catch (RuntimeException ex) {
					answer.discard();
					tellRefused(upgrade, HttpStatus.INTERNAL_SERVER_ERROR);
					throw ex;
				}
			})
			.then();
	}

	private static EventLoop eventLoop(ServerWebExchange exchange) {
		Object request = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
		if (request instanceof ChannelOperations<?, ?> operations) {
			return operations.channel().eventLoop();
		}
		throw new IllegalStateException("WebSocket sessions need the Reactor Netty server, and this request came from "
				+ request.getClass().getName()
				+ ": have a NettyReactiveWebServerFactory, or 'ws-policy.enabled' false");
	}

	/**
	 * What Gateway sends on for HTTP routes, but for the client's half of the handshake.
	 */
	private HttpHeaders requestHeaders(ServerWebExchange exchange) {
		HttpHeaders headers = HttpHeaders.copyOf(HttpHeadersFilter.filterRequest(this.headersFilters, exchange));
		headers.remove(HttpHeaders.HOST);
		if (exchange.getAttributeOrDefault(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, false)) {
			String host = exchange.getRequest().getHeaders().getFirst(HttpHeaders.HOST);
			if (host != null) {
				headers.set(HttpHeaders.HOST, host);
			}
		}
		return headers;
	}

	private Throwable unreachable(UpgradeContext upgrade, Throwable failure) {
		HttpStatus status = (failure instanceof TimeoutException) ? HttpStatus.GATEWAY_TIMEOUT : HttpStatus.BAD_GATEWAY;
		logger.warn("Route '" + upgrade.routeId() + "': no WebSocket upstream at "
				+ withoutUserInfo(upgrade.upstreamUri().getAuthority()) + " (" + failure + "), answering "
				+ status.value());
		tellRefused(upgrade, status);
		return new ResponseStatusException(status, "WebSocket upstream: " + failure.getMessage(), failure);
	}

	/** What stands before the host may be a password, and is nothing for a log. */
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
			// First, so that no change is missed that comes after it.
			PipelineDefinition definition = this.catalog.definition(pipeline.name());
			new PendingSession(open.leg(), upgrade.answered(subprotocol, headers),
					this.catalog.resolve(pipeline.name(), upgrade.routeId(), subprotocol),
					() -> this.catalog.successor(definition, upgrade.routeId(), subprotocol))
				.attachTo(exchange);
		}
		else if (answer instanceof Refused refused) {
			// As for HTTP routes: Gateway's write filter relays the body from the
			// connection.
			exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR, refused.response());
			exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR, refused.connection());
			HttpStatusCode status = HttpStatusCode.valueOf(refused.response().status().code());
			exchange.getResponse().setStatusCode(status);
			addResponseHeaders(exchange, toSpring(refused.response().responseHeaders()));
			tellRefused(upgrade, status);
		}
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

	private void tellRefused(UpgradeContext upgrade, HttpStatusCode status) {
		for (SessionListener listener : this.listeners) {
			try {
				listener.onUpgradeRefused(upgrade, status);
			}
			catch (Throwable ex) {
				// The client must get its answer whatever a listener throws.
				logger.warn("onUpgradeRefused of " + listener.getClass().getName() + " failed", ex);
			}
		}
	}

}
