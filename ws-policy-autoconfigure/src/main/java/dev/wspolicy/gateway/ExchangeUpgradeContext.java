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
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.util.CollectionUtils;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.server.ServerWebExchange;

import dev.wspolicy.session.ClientAddress;
import dev.wspolicy.session.UpgradeContext;

/**
 * An {@link UpgradeContext} that copies what policies may see of an exchange. It holds no
 * reference to the exchange, whose lifetime ends with the handshake.
 */
record ExchangeUpgradeContext(HttpMethod method, String protocol, CompactUri target,
		MultiValueMap<String, String> queryParams, HttpHeaders headers, MultiValueMap<String, HttpCookie> cookies,
		Map<String, String> pathVariables, String routeId, Map<String, Object> routeMetadata,
		@Nullable Principal principal, @Nullable InetSocketAddress remoteAddress,
		@Nullable InetSocketAddress localAddress, @Nullable SslInfo tls, List<String> offeredSubprotocols,
		@Nullable String subprotocol, CompactUri upstreamTarget, HttpHeaders upstreamHeaders,
		Map<String, Object> attributes, Instant time) implements UpgradeContext {

	/**
	 * Packages of framework types that are not copied from the exchange attributes.
	 * Policies have no use for these objects (observations, contexts, requests, functions
	 * on exchanges), and they would keep the whole exchange reachable.
	 */
	private static final List<String> NOT_COPIED = List.of("io.micrometer.", "reactor.", "dev.wspolicy.gateway.",
			"org.springframework.cloud.gateway.handler.", "org.springframework.http.server.",
			"org.springframework.web.server.");

	/**
	 * Attributes that are not copied because this context has accessors for them, or
	 * because they only serve the routing or the log of the handshake. The attributes are
	 * copied once per session, so each one costs memory.
	 */
	private static final Set<String> EXPOSED_OTHERWISE = Set.of(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR,
			ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR,
			ServerWebExchangeUtils.GATEWAY_PREDICATE_MATCHED_PATH_ROUTE_ID_ATTR, ServerWebExchange.LOG_ID_ATTRIBUTE,
			ServerWebExchangeUtils.GATEWAY_ORIGINAL_REQUEST_URL_ATTR,
			ServerWebExchangeUtils.URI_TEMPLATE_VARIABLES_ATTRIBUTE, ServerWebExchangeUtils.GATEWAY_ALREADY_ROUTED_ATTR,
			ServerWebExchangeUtils.GATEWAY_HANDLER_MAPPER_ATTR, ServerWebExchangeUtils.WEIGHT_ATTR,
			HandlerMapping.API_VERSION_ATTRIBUTE);

	/** Attributes of our own filters, which tell them how far the handshake has come. */
	private static final String OWN = ExchangeUpgradeContext.class.getPackageName() + ".";

	private static final MultiValueMap<String, String> NONE = CollectionUtils
		.unmodifiableMultiValueMap(CollectionUtils.toMultiValueMap(Map.of()));

	/**
	 * Create the context of a session that is not open yet.
	 * @param exchange the exchange as modified by the route's filters
	 * @param request the request before the route's filters: what a policy sees must not
	 * depend on what the upstream is sent
	 * @param principal the client's principal, or {@code null} if the client is not
	 * authenticated
	 * @param upstreamUri the URI of the upstream
	 * @return the context
	 */
	static ExchangeUpgradeContext of(ServerWebExchange exchange, ServerHttpRequest request,
			@Nullable Principal principal, URI upstreamUri) {
		HttpHeaders headers = CompactHeaders.of(request.getHeaders());
		Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
		return new ExchangeUpgradeContext(request.getMethod(), ExtendedConnect.protocolOf(request),
				CompactUri.of(request.getURI()), copy(request.getQueryParams()), headers, copy(request.getCookies()),
				Map.copyOf(ServerWebExchangeUtils.getUriTemplateVariables(exchange)),
				Objects.requireNonNullElse(route.getId(), ""), unmodifiable(route.getMetadata()), principal,
				ClientAddress.resolved(request.getRemoteAddress()), ClientAddress.resolved(request.getLocalAddress()),
				request.getSslInfo(), List.copyOf(HandshakeRules.subprotocols(headers)), null,
				CompactUri.of(upstreamUri), HttpHeaders.EMPTY, attributes(exchange), Instant.now());
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

	/**
	 * Return the context of the session that the upstream's response opens. It contains
	 * that response, but no nonces, and shares what it has in common with other sessions.
	 */
	ExchangeUpgradeContext withResponse(@Nullable String subprotocol, HttpHeaders upstreamHeaders) {
		return new ExchangeUpgradeContext(this.method, this.protocol, this.target.compacted(), this.queryParams,
				CompactHeaders.ofSession(this.headers), this.cookies, this.pathVariables, this.routeId,
				this.routeMetadata, this.principal, this.remoteAddress, this.localAddress, this.tls,
				this.offeredSubprotocols, subprotocol, this.upstreamTarget.compacted(),
				CompactHeaders.ofSession(upstreamHeaders), this.attributes, this.time);
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
			if (!EXPOSED_OTHERWISE.contains(name) && !name.startsWith(OWN) && isCopied(type)) {
				attributes.put(name, value);
			}
		});
		return unmodifiable(attributes);
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
	 * Return an unmodifiable copy, including nested JDK collections. It is the JDK's
	 * compact immutable map unless the map contains {@code null}.
	 */
	private static <K, V> Map<K, V> unmodifiable(Map<K, V> map) {
		Map<K, V> copy = new LinkedHashMap<>();
		map.forEach((key, value) -> copy.put(key, unmodifiable(value)));
		return (copy.containsKey(null) || copy.containsValue(null)) ? Collections.unmodifiableMap(copy)
				: Map.copyOf(copy);
	}

	/**
	 * Copies only JDK collections, because callers may expect the concrete type of
	 * others.
	 */
	@SuppressWarnings("unchecked")
	private static <T extends @Nullable Object> T unmodifiable(T value) {
		if (value == null || !value.getClass().getName().startsWith("java.util.")) {
			return value;
		}
		if (value instanceof Map<?, ?> map) {
			return (T) unmodifiable(map);
		}
		if (value instanceof List<?> list) {
			return (T) list.stream().map(ExchangeUpgradeContext::unmodifiable).toList();
		}
		if (value instanceof Set<?> set) {
			return (T) Collections.unmodifiableSet(new LinkedHashSet<>(set));
		}
		return value;
	}

	/**
	 * Leaves out the headers, because an application may log an event that contains this.
	 */
	@Override
	public String toString() {
		return "upgrade of route " + this.routeId;
	}

}
