package dev.wspolicy.gateway;

import java.util.Locale;

import io.netty.handler.codec.http2.Http2StreamChannel;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Shows an extended CONNECT, with which HTTP/2 clients open WebSockets, as the upgrade
 * request that it stands for
 * (<a href="https://www.rfc-editor.org/rfc/rfc8441#section-5">RFC 8441, section 5</a>).
 * Whatever looks at requests behind this, such as the predicates of routes, the rules of
 * Spring Security and the application's own WebSocket endpoints, treats both alike.
 */
public final class ExtendedConnect {

	private static final String HTTP_2 = "HTTP/2.0";

	private static final String WEBSOCKET = "websocket";

	/** The prefix of the headers in which Netty repeats the pseudo-headers. */
	private static final String NETTY = "x-http2-";

	private static final String PROTOCOL = NETTY + "protocol";

	private static final HttpMethod CONNECT = HttpMethod.valueOf("CONNECT");

	/**
	 * A key of 16 zeros, for components that insist on one. HTTP/2 has no use for it.
	 */
	private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAA==";

	private ExtendedConnect() {
	}

	/**
	 * Convert requests in front of a handler.
	 * @param handler the handler
	 * @return a handler that sees upgrade requests
	 */
	public static HttpHandler decorate(HttpHandler handler) {
		return (request, response) -> handler.handle(isExtendedConnect(request) ? new Upgrade(request) : request,
				response);
	}

	/**
	 * Return whether a request is an extended CONNECT for a WebSocket. Reactor Netty
	 * gives a CONNECT a path only if it has a {@code :protocol}, and a header the value
	 * of that. It checks the value itself before it answers with 200.
	 */
	private static boolean isExtendedConnect(ServerHttpRequest request) {
		return CONNECT.equals(request.getMethod())
				&& request.getHeaders().getOrEmpty(PROTOCOL).stream().allMatch(WEBSOCKET::equalsIgnoreCase)
				&& request.getHeaders().containsHeader(PROTOCOL)
				&& ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest nativeRequest
				&& HTTP_2.equals(nativeRequest.protocol()) && nativeRequest.uri().startsWith("/");
	}

	/**
	 * Return the name of the protocol that a client speaks.
	 * @param request the request
	 * @return {@code HTTP/1.1} or {@code HTTP/2}
	 */
	static String protocolOf(ServerHttpRequest request) {
		return (ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest nativeRequest
				&& HTTP_2.equals(nativeRequest.protocol())) ? "HTTP/2" : "HTTP/1.1";
	}

	/**
	 * Return whether the client has sent an extended CONNECT, which
	 * {@link #decorate(HttpHandler) has been converted}.
	 * @param request the request
	 * @return {@code true} for HTTP/2
	 */
	static boolean isOn(ServerHttpRequest request) {
		return HttpMethod.GET.equals(request.getMethod())
				&& ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest nativeRequest
				&& io.netty.handler.codec.http.HttpMethod.CONNECT.equals(nativeRequest.method());
	}

	/**
	 * Return whether a client has ended the stream of its extended CONNECT, so that it
	 * could neither send a frame nor answer a close frame.
	 * @param request the request
	 * @return {@code true} if nothing can follow the request
	 */
	static boolean hasEnded(ServerHttpRequest request) {
		return ServerHttpRequestDecorator.getNativeRequest(request) instanceof ChannelOperations<?, ?> operations
				&& operations.channel() instanceof Http2StreamChannel stream
				&& !stream.stream().state().remoteSideOpen();
	}

	/**
	 * Return whether a client would take a response without an upgrade for a session,
	 * since its request is answered with a 2xx in place of a 101.
	 * @param request the request
	 * @param status the status of the response
	 * @return {@code true} for a 2xx over HTTP/2
	 */
	static boolean isMistakenForSession(ServerHttpRequest request, HttpStatusCode status) {
		return status.is2xxSuccessful() && isOn(request);
	}

	private static final class Upgrade extends ServerHttpRequestDecorator {

		private final HttpHeaders headers;

		private Upgrade(ServerHttpRequest request) {
			super(request);
			HttpHeaders headers = new HttpHeaders();
			request.getHeaders().forEach((name, values) -> {
				// The path is repeated with its query, which may contain a token.
				if (!name.toLowerCase(Locale.ROOT).startsWith(NETTY)) {
					headers.addAll(name, values);
				}
			});
			// Netty adds it to a request without a length.
			headers.remove(HttpHeaders.TRANSFER_ENCODING);
			headers.setUpgrade(WEBSOCKET);
			headers.setConnection("Upgrade");
			headers.set(HandshakeRules.KEY, KEY);
			this.headers = HttpHeaders.readOnlyHttpHeaders(headers);
		}

		@Override
		public HttpMethod getMethod() {
			return HttpMethod.GET;
		}

		@Override
		public HttpHeaders getHeaders() {
			return this.headers;
		}

	}

}
