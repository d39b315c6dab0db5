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
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.http.server.HttpServerRequest;

import dev.wspolicy.session.UpgradeContext;

/**
 * A copy of all that policies may know of an exchange. Nothing in it leads back to the
 * exchange, which ends with the handshake.
 */
record ExchangeUpgradeContext(HttpMethod method, URI uri, MultiValueMap<String, String> queryParams,
		HttpHeaders headers, MultiValueMap<String, HttpCookie> cookies, Map<String, String> pathVariables,
		String routeId, Map<String, Object> routeMetadata, @Nullable Principal principal,
		@Nullable InetSocketAddress remoteAddress, @Nullable InetSocketAddress localAddress, @Nullable SslInfo tls,
		List<String> offeredSubprotocols, @Nullable String subprotocol, URI upstreamUri, HttpHeaders upstreamHeaders,
		Map<String, Object> attributes, Instant time) implements UpgradeContext {

	/**
	 * Where the tools of the frameworks live, which are of no use to policies and hold on
	 * to the whole exchange: observations, contexts, requests, functions on exchanges.
	 */
	private static final List<String> NOT_COPIED = List.of("io.micrometer.", "reactor.", "dev.wspolicy.gateway.",
			"org.springframework.cloud.gateway.handler.", "org.springframework.http.server.",
			"org.springframework.web.server.");

	static ExchangeUpgradeContext of(ServerWebExchange exchange, @Nullable Principal principal, URI upstreamUri) {
		ServerHttpRequest request = asTheClientSentIt(exchange);
		Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
		return new ExchangeUpgradeContext(request.getMethod(), request.getURI(), copy(request.getQueryParams()),
				CompactHeaders.of(request.getHeaders()), copy(request.getCookies()),
				Map.copyOf(ServerWebExchangeUtils.getUriTemplateVariables(exchange)),
				Objects.requireNonNullElse(route.getId(), ""), frozen(route.getMetadata()), principal,
				request.getRemoteAddress(), request.getLocalAddress(), request.getSslInfo(),
				List.copyOf(HandshakeRules.subprotocols(request.getHeaders())), null, upstreamUri, HttpHeaders.EMPTY,
				attributes(exchange), Instant.now());
	}

	/** What is known once the upstream has given its 101. */
	ExchangeUpgradeContext answered(@Nullable String subprotocol, HttpHeaders upstreamHeaders) {
		return new ExchangeUpgradeContext(this.method, this.uri, this.queryParams, this.headers, this.cookies,
				this.pathVariables, this.routeId, this.routeMetadata, this.principal, this.remoteAddress,
				this.localAddress, this.tls, this.offeredSubprotocols, subprotocol, this.upstreamUri,
				CompactHeaders.of(upstreamHeaders), this.attributes, this.time);
	}

	/**
	 * The request before the route's filters have changed its headers or rewritten its
	 * URI: a policy that looks at the Origin must not depend on what the upstream is
	 * shown.
	 */
	private static ServerHttpRequest asTheClientSentIt(ServerWebExchange exchange) {
		ServerHttpRequest request = exchange.getRequest();
		ServerHttpRequest.Builder original = request.mutate();
		if (ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest nativeRequest) {
			original.headers((headers) -> {
				headers.clear();
				nativeRequest.requestHeaders().forEach((header) -> headers.add(header.getKey(), header.getValue()));
			});
		}
		Set<URI> uris = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ORIGINAL_REQUEST_URL_ATTR);
		if (uris != null && !uris.isEmpty()) {
			original.uri(uris.iterator().next());
		}
		return original.build();
	}

	private static <T> MultiValueMap<String, T> copy(MultiValueMap<String, T> map) {
		MultiValueMap<String, T> copy = map.isEmpty() ? CollectionUtils.toMultiValueMap(Map.of())
				: new LinkedMultiValueMap<>(map);
		return CollectionUtils.unmodifiableMultiValueMap(copy);
	}

	private static Map<String, Object> attributes(ServerWebExchange exchange) {
		Map<String, Object> attributes = new HashMap<>();
		exchange.getAttributes().forEach((name, value) -> {
			String type = value.getClass().getName();
			if (NOT_COPIED.stream().noneMatch(type::startsWith)) {
				attributes.put(name, value);
			}
		});
		return frozen(attributes);
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
