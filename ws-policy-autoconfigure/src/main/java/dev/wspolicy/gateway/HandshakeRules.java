package dev.wspolicy.gateway;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.support.Netty4HeadersAdapter;
import org.springframework.util.StringUtils;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Checks the client's opening handshake against RFC 6455
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.2">section 4.2</a>).
 */
final class HandshakeRules {

	private static final String WEBSOCKET = "websocket";

	static final String KEY = "Sec-WebSocket-Key";

	private static final String ACCEPT = "Sec-WebSocket-Accept";

	private static final String VERSION = "Sec-WebSocket-Version";

	private static final String PROTOCOL = "Sec-WebSocket-Protocol";

	private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

	private static final String SUPPORTED_VERSION = "13";

	private HandshakeRules() {
	}

	/**
	 * Return whether a request asks for an upgrade to WebSocket.
	 * @param request the request
	 * @return {@code true} if the {@code Upgrade} header lists {@code websocket},
	 * possibly among other protocols
	 */
	static boolean isWebSocketUpgrade(ServerHttpRequest request) {
		return request.getHeaders().getValuesAsList(HttpHeaders.UPGRADE).stream().anyMatch(WEBSOCKET::equalsIgnoreCase);
	}

	/**
	 * Check an upgrade request.
	 * @param request the request
	 * @return the rejection to respond with, or {@code null} if the request is
	 * well-formed
	 */
	static @Nullable UpgradeRejection check(ServerHttpRequest request) {
		HttpHeaders headers = request.getHeaders();
		if (!isWebSocketUpgrade(request)) {
			return upgradeRequired("The request has no 'Upgrade: websocket', and this route serves WebSockets only");
		}
		String problem = problemOf(request, headers);
		if (problem != null) {
			return new UpgradeRejection(HttpStatus.BAD_REQUEST, HttpHeaders.EMPTY, problem);
		}
		if (!SUPPORTED_VERSION.equals(headers.getFirst(VERSION))) {
			return upgradeRequired("Sec-WebSocket-Version is not " + SUPPORTED_VERSION);
		}
		return null;
	}

	/**
	 * Contains no data from the request, so that the result can be logged and sent to the
	 * client.
	 */
	private static @Nullable String problemOf(ServerHttpRequest request, HttpHeaders headers) {
		if (!HttpMethod.GET.equals(request.getMethod())) {
			return "The method of an upgrade request must be GET";
		}
		if (isHttp10(request)) {
			return "An upgrade request needs HTTP/1.1";
		}
		if (ExtendedConnect.isOn(request)) {
			return problemOfHttp2(request);
		}
		return problemOfHttp11(request, headers);
	}

	private static @Nullable String problemOfHttp2(ServerHttpRequest request) {
		if (ExtendedConnect.hasEnded(request)) {
			return "The request has ended its stream";
		}
		// Netty counts frames as content, and resets a stream that exceeds the length.
		return sentHeaders(request).containsHeader(HttpHeaders.CONTENT_LENGTH)
				? "An upgrade request must not have a Content-Length in HTTP/2" : null;
	}

	private static @Nullable String problemOfHttp11(ServerHttpRequest request, HttpHeaders headers) {
		if (!isUpgrade(headers)) {
			return "The request has no 'Connection: Upgrade'";
		}
		if (hasBody(sentHeaders(request))) {
			return "An upgrade request must not have a body";
		}
		List<String> keys = headers.getOrEmpty(KEY);
		if (keys.isEmpty()) {
			return "Sec-WebSocket-Key is missing";
		}
		if (keys.size() > 1) {
			return "There is more than one Sec-WebSocket-Key";
		}
		return isKey(keys.get(0)) ? null : "Sec-WebSocket-Key is not 16 bytes in Base64";
	}

	/**
	 * A body could not be told apart from the frames that follow the request. The check
	 * applies to the headers that the client sent, because filters may remove the length
	 * of a body, and filters that modify bodies add a length where there is no body.
	 */
	private static boolean hasBody(HttpHeaders headers) {
		return headers.containsHeader(HttpHeaders.TRANSFER_ENCODING)
				|| headers.getOrEmpty(HttpHeaders.CONTENT_LENGTH).stream().anyMatch((length) -> !"0".equals(length));
	}

	/**
	 * Return the subprotocols that a client offers.
	 * @param headers the request headers
	 * @return the names, in the client's order of preference
	 */
	static List<String> subprotocols(HttpHeaders headers) {
		List<String> names = new ArrayList<>();
		for (String line : headers.getOrEmpty(PROTOCOL)) {
			names.addAll(List.of(StringUtils.tokenizeToStringArray(line, ",")));
		}
		return names;
	}

	/**
	 * Return whether the client itself offered a subprotocol. Filters may have offered
	 * others to the upstream, which must not be passed to the client.
	 * @param request the request
	 * @param subprotocol the subprotocol that the upstream selected
	 * @return {@code true} if the client offered it
	 */
	static boolean isOffered(ServerHttpRequest request, String subprotocol) {
		return subprotocols(sentHeaders(request)).contains(subprotocol);
	}

	/**
	 * Return the extensions that a client offers.
	 * @param request the request
	 * @return the header lines as sent by the client, without those that filters removed
	 */
	static List<String> extensions(ServerHttpRequest request) {
		List<String> sent = sentHeaders(request).getOrEmpty(EXTENSIONS);
		return request.getHeaders().getOrEmpty(EXTENSIONS).stream().filter(sent::contains).toList();
	}

	/** Return the headers as sent by the client, before any filter modified them. */
	private static HttpHeaders sentHeaders(ServerHttpRequest request) {
		if (ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest nativeRequest) {
			return new HttpHeaders(new Netty4HeadersAdapter(nativeRequest.requestHeaders()));
		}
		return request.getHeaders();
	}

	/**
	 * Return whether a header belongs to the handshake of one leg and must not be copied
	 * to the other leg.
	 * @param name the name of a header
	 * @return {@code true} for every name that begins with {@code Sec-WebSocket-}
	 */
	static boolean isHandshakeHeader(String name) {
		return name.toLowerCase(Locale.ROOT).startsWith("sec-websocket-");
	}

	/**
	 * Return whether the value of a header is unique to one handshake.
	 * @param name the name of a header
	 * @return {@code true} for {@code Sec-WebSocket-Key} and {@code Sec-WebSocket-Accept}
	 */
	static boolean isNonce(String name) {
		return KEY.equalsIgnoreCase(name) || ACCEPT.equalsIgnoreCase(name);
	}

	private static UpgradeRejection upgradeRequired(String problem) {
		HttpHeaders headers = new HttpHeaders();
		headers.setUpgrade(WEBSOCKET);
		headers.set(HttpHeaders.CONNECTION, "Upgrade");
		headers.set(VERSION, SUPPORTED_VERSION);
		return new UpgradeRejection(HttpStatus.UPGRADE_REQUIRED, headers, problem);
	}

	private static boolean isHttp10(ServerHttpRequest request) {
		return ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest nativeRequest
				&& HttpVersion.HTTP_1_0.equals(nativeRequest.version());
	}

	private static boolean isUpgrade(HttpHeaders headers) {
		return headers.getConnection().stream().anyMatch("upgrade"::equalsIgnoreCase);
	}

	private static boolean isKey(String key) {
		try {
			return Base64.getDecoder().decode(key.trim()).length == 16;
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

}
