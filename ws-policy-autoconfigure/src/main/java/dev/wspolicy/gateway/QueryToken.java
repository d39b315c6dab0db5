package dev.wspolicy.gateway;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.util.StringUtils;
import org.springframework.web.util.UriUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Makes a query parameter of WebSocket upgrades a header, as if the client had sent that:
 * browsers cannot send headers with an upgrade. Stands in front of the whole application,
 * so that whoever authenticates requests sees the header, and nobody behind sees the
 * parameter: no filter, no policy, no upstream and no log.
 */
public final class QueryToken {

	private final String parameter;

	private final String header;

	private final String prefix;

	private final List<PathPattern> paths;

	/**
	 * A rule.
	 * @param parameter the name of the parameter
	 * @param header the name of the header
	 * @param scheme what stands before the value in the header, or an empty string
	 * @param paths patterns of the paths that it applies to
	 */
	public QueryToken(String parameter, String header, String scheme, List<String> paths) {
		this.parameter = parameter;
		this.header = header;
		this.prefix = scheme.isEmpty() ? "" : scheme + " ";
		this.paths = paths.stream().map(PathPatternParser.defaultInstance::parse).toList();
	}

	/**
	 * Put this rule in front of a handler.
	 * @param handler the handler
	 * @return a handler that sees the header and not the parameter
	 */
	public HttpHandler before(HttpHandler handler) {
		return (request, response) -> handler.handle(move(request), response);
	}

	private ServerHttpRequest move(ServerHttpRequest request) {
		String query = request.getURI().getRawQuery();
		if (query == null || !HandshakeRules.wantsWebSocket(request) || !applies(request)) {
			return request;
		}
		List<String> kept = new ArrayList<>();
		List<@Nullable String> tokens = new ArrayList<>();
		for (String pair : query.split("&", -1)) {
			int equals = pair.indexOf('=');
			String name = decode((equals < 0) ? pair : pair.substring(0, equals));
			if (this.parameter.equals(name)) {
				tokens.add(decode((equals < 0) ? "" : pair.substring(equals + 1)));
			}
			else {
				kept.add(pair);
			}
		}
		if (tokens.isEmpty()) {
			return request;
		}
		// More than one leaves open which one counts: none does.
		String token = (tokens.size() == 1) ? tokens.get(0) : null;
		return without(request, String.join("&", kept), isToken(token) ? token : null);
	}

	private boolean applies(ServerHttpRequest request) {
		PathContainer path = request.getPath().pathWithinApplication();
		return this.paths.stream().anyMatch((pattern) -> pattern.matches(path));
	}

	private ServerHttpRequest without(ServerHttpRequest request, String query, @Nullable String token) {
		ServerHttpRequest.Builder builder = request.mutate().uri(withQuery(request.getURI(), query));
		HttpHeaders headers = request.getHeaders();
		// A client that can send the header needs no parameter: what it sent stays.
		if (token != null && !headers.containsHeader(this.header)) {
			String value = this.prefix + token;
			builder.header(this.header, value);
			// The upgrade context is made from what the client sent, before any filter.
			if (ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest nativeRequest) {
				nativeRequest.requestHeaders().set(this.header, value);
			}
		}
		return builder.build();
	}

	private static URI withQuery(URI uri, String query) {
		String text = uri.toString();
		int start = text.indexOf('?');
		int end = text.indexOf('#', start);
		String rest = (end < 0) ? "" : text.substring(end);
		return URI.create(text.substring(0, start) + (query.isEmpty() ? "" : "?" + query) + rest);
	}

	private static @Nullable String decode(String text) {
		try {
			return UriUtils.decode(text, StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/** Nothing that could end the header, or mean more than one value. */
	private static boolean isToken(@Nullable String text) {
		return StringUtils.hasText(text)
				&& text.chars().allMatch((character) -> character > ' ' && character < 0x7f && character != ',');
	}

}
