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
import org.springframework.util.StringUtils;
import reactor.netty.http.server.HttpServerRequest;

/**
 * What RFC 6455 demands of the client's opening handshake
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.2">section 4.2</a>).
 */
final class HandshakeRules {

	private static final String KEY = "Sec-WebSocket-Key";

	private static final String ACCEPT = "Sec-WebSocket-Accept";

	private static final String VERSION = "Sec-WebSocket-Version";

	private static final String PROTOCOL = "Sec-WebSocket-Protocol";

	private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

	private static final String SUPPORTED_VERSION = "13";

	private HandshakeRules() {
	}

	static boolean wantsWebSocket(ServerHttpRequest request) {
		return "websocket".equalsIgnoreCase(request.getHeaders().getUpgrade());
	}

	/**
	 * Check an upgrade request.
	 * @param request the request
	 * @return how to refuse it, or {@code null} if it is well formed
	 */
	static @Nullable Refusal check(ServerHttpRequest request) {
		HttpHeaders headers = request.getHeaders();
		if (!wantsWebSocket(request)) {
			return upgradeRequired();
		}
		if (!HttpMethod.GET.equals(request.getMethod()) || isHttp10(request) || !isUpgrade(headers)
				|| !isKey(headers.get(KEY))) {
			return new Refusal(HttpStatus.BAD_REQUEST, HttpHeaders.EMPTY);
		}
		if (!SUPPORTED_VERSION.equals(headers.getFirst(VERSION))) {
			return upgradeRequired();
		}
		return null;
	}

	/**
	 * The subprotocols that a client offers.
	 * @param headers the headers of its request
	 * @return the names, in the client's order
	 */
	static List<String> subprotocols(HttpHeaders headers) {
		List<String> names = new ArrayList<>();
		for (String line : headers.getOrEmpty(PROTOCOL)) {
			names.addAll(List.of(StringUtils.tokenizeToStringArray(line, ",")));
		}
		return names;
	}

	/**
	 * The extensions that a client offers.
	 * @param headers the headers of its request
	 * @return the lines, as they came
	 */
	static List<String> extensions(HttpHeaders headers) {
		return headers.getOrEmpty(EXTENSIONS);
	}

	/**
	 * Whether a header belongs to the handshake of one leg and has no place on the other.
	 * @param name the name of a header
	 * @return {@code true} for all that begins with {@code Sec-WebSocket-}
	 */
	static boolean isHandshakeHeader(String name) {
		return name.toLowerCase(Locale.ROOT).startsWith("sec-websocket-");
	}

	/**
	 * Whether a header is made for one handshake only.
	 * @param name the name of a header
	 * @return {@code true} for the client's key and the upstream's answer to it
	 */
	static boolean isNonce(String name) {
		return KEY.equalsIgnoreCase(name) || ACCEPT.equalsIgnoreCase(name);
	}

	private static Refusal upgradeRequired() {
		HttpHeaders headers = new HttpHeaders();
		headers.setUpgrade("websocket");
		headers.set(HttpHeaders.CONNECTION, "Upgrade");
		headers.set(VERSION, SUPPORTED_VERSION);
		return new Refusal(HttpStatus.UPGRADE_REQUIRED, headers);
	}

	private static boolean isHttp10(ServerHttpRequest request) {
		return ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest nativeRequest
				&& HttpVersion.HTTP_1_0.equals(nativeRequest.version());
	}

	private static boolean isUpgrade(HttpHeaders headers) {
		return headers.getConnection().stream().anyMatch("upgrade"::equalsIgnoreCase);
	}

	private static boolean isKey(@Nullable List<String> keys) {
		if (keys == null || keys.size() != 1) {
			return false;
		}
		try {
			return Base64.getDecoder().decode(keys.get(0).trim()).length == 16;
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

}
