package dev.wspolicy.gateway;

import java.net.InetSocketAddress;
import java.net.URI;
import java.security.Principal;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.util.CollectionUtils;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.http.server.HttpServerRequest;

import dev.wspolicy.session.UpgradeContext;

/**
 * A copy of all that policies may know of an exchange. Nothing in it leads back to the
 * exchange, which ends with the handshake.
 */
record ExchangeUpgradeContext(HttpMethod method, CompactUri target, MultiValueMap<String, String> queryParams,
		HttpHeaders headers, MultiValueMap<String, HttpCookie> cookies, Map<String, String> pathVariables,
		String routeId, Map<String, Object> routeMetadata, @Nullable Principal principal,
		@Nullable InetSocketAddress remoteAddress, @Nullable InetSocketAddress localAddress, @Nullable SslInfo tls,
		List<String> offeredSubprotocols, @Nullable String subprotocol, CompactUri upstreamTarget,
		HttpHeaders upstreamHeaders, Map<String, Object> attributes, Instant time) implements UpgradeContext {

	/**
	 * Where the tools of the frameworks live, which are of no use to policies and hold on
	 * to the whole exchange: observations, contexts, requests, functions on exchanges.
	 */
	private static final List<String> NOT_COPIED = List.of("io.micrometer.", "reactor.", "dev.wspolicy.gateway.",
			"org.springframework.cloud.gateway.handler.", "org.springframework.http.server.",
			"org.springframework.web.server.");

	/**
	 * What this context tells in its own words, and marks of the routing. There is one
	 * copy for each session.
	 */
	private static final Set<String> TOLD_OTHERWISE = Set.of(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR,
			ServerWebExchangeUtils.GATEWAY_ORIGINAL_REQUEST_URL_ATTR,
			ServerWebExchangeUtils.URI_TEMPLATE_VARIABLES_ATTRIBUTE, ServerWebExchangeUtils.GATEWAY_ALREADY_ROUTED_ATTR,
			ServerWebExchangeUtils.GATEWAY_HANDLER_MAPPER_ATTR, ServerWebExchangeUtils.WEIGHT_ATTR,
			HandlerMapping.API_VERSION_ATTRIBUTE);

	private static final MultiValueMap<String, String> NONE = CollectionUtils
		.unmodifiableMultiValueMap(CollectionUtils.toMultiValueMap(Map.of()));

	static ExchangeUpgradeContext of(ServerWebExchange exchange, @Nullable Principal principal, URI upstreamUri) {
		ServerHttpRequest request = exchange.getRequest();
		URI uri = uriAsTheClientSentIt(exchange);
		HttpHeaders headers = headersAsTheClientSentThem(request);
		Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
		return new ExchangeUpgradeContext(request.getMethod(), CompactUri.of(uri), queryParams(request, uri), headers,
				copy(request.getCookies()), Map.copyOf(ServerWebExchangeUtils.getUriTemplateVariables(exchange)),
				Objects.requireNonNullElse(route.getId(), ""), frozen(route.getMetadata()), principal,
				request.getRemoteAddress(), request.getLocalAddress(), request.getSslInfo(),
				List.copyOf(HandshakeRules.subprotocols(headers)), null, CompactUri.of(upstreamUri), HttpHeaders.EMPTY,
				attributes(exchange), Instant.now());
	}

	@Override
	public URI uri() {
		return this.target.get();
	}

	@Override
	public String path() {
		return this.target.path();
	}

	@Override
	public URI upstreamUri() {
		return this.upstreamTarget.get();
	}

	/** What is known once the upstream has given its 101. */
	ExchangeUpgradeContext answered(@Nullable String subprotocol, HttpHeaders upstreamHeaders) {
		return new ExchangeUpgradeContext(this.method, this.target.compacted(), this.queryParams, this.headers,
				this.cookies, this.pathVariables, this.routeId, this.routeMetadata, this.principal, this.remoteAddress,
				this.localAddress, this.tls, this.offeredSubprotocols, subprotocol, this.upstreamTarget.compacted(),
				CompactHeaders.of(upstreamHeaders), this.attributes, this.time);
	}

	/**
	 * The URI before the route's filters have rewritten it: what a policy sees must not
	 * depend on what the upstream is shown.
	 */
	private static URI uriAsTheClientSentIt(ServerWebExchange exchange) {
		Set<URI> uris = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ORIGINAL_REQUEST_URL_ATTR);
		return (uris != null && !uris.isEmpty()) ? uris.iterator().next() : exchange.getRequest().getURI();
	}

	/** The headers before filters have changed them, for the same reason. */
	private static HttpHeaders headersAsTheClientSentThem(ServerHttpRequest request) {
		return (ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest nativeRequest)
				? CompactHeaders.of(nativeRequest.requestHeaders()) : CompactHeaders.of(request.getHeaders());
	}

	private static MultiValueMap<String, String> queryParams(ServerHttpRequest request, URI uri) {
		return (uri.getRawQuery() != null) ? copy(request.mutate().uri(uri).build().getQueryParams()) : NONE;
	}

	@SuppressWarnings("unchecked")
	private static <T> MultiValueMap<String, T> copy(MultiValueMap<String, T> map) {
		return map.isEmpty() ? (MultiValueMap<String, T>) NONE
				: CollectionUtils.unmodifiableMultiValueMap(new LinkedMultiValueMap<>(map));
	}

	private static Map<String, Object> attributes(ServerWebExchange exchange) {
		Map<String, Object> attributes = new HashMap<>();
		exchange.getAttributes().forEach((name, value) -> {
			String type = value.getClass().getName();
			if (!TOLD_OTHERWISE.contains(name) && isCopied(type)) {
				attributes.put(name, value);
			}
		});
		return frozen(attributes);
	}

	private static boolean isCopied(String type) {
		for (String prefix : NOT_COPIED) {
			if (type.startsWith(prefix)) {
				return false;
			}
		}
		return true;
	}

	/**
	 * A copy that throws on write, as do the collections in it: the JDK's most compact
	 * one, if nothing in it is null.
	 */
	private static <K, V> Map<K, V> frozen(Map<K, V> map) {
		Map<K, V> copy = new LinkedHashMap<>();
		map.forEach((key, value) -> copy.put(key, frozen(value)));
		return (copy.containsKey(null) || copy.containsValue(null)) ? Collections.unmodifiableMap(copy)
				: Map.copyOf(copy);
	}

	/** Only the collections of the JDK: other types may be asked for as what they are. */
	@SuppressWarnings("unchecked")
	private static <T extends @Nullable Object> T frozen(T value) {
		if (value == null || !value.getClass().getName().startsWith("java.util.")) {
			return value;
		}
		if (value instanceof Map<?, ?> map) {
			return (T) frozen(map);
		}
		if (value instanceof List<?> list) {
			return (T) list.stream().map(ExchangeUpgradeContext::frozen).toList();
		}
		if (value instanceof Set<?> set) {
			return (T) Collections.unmodifiableSet(new LinkedHashSet<>(set));
		}
		return value;
	}

}
