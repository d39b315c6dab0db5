package dev.wspolicy.gateway;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.StringUtils;
import org.springframework.web.util.UriUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Moves a query parameter of WebSocket upgrade requests to a header, as if the client had
 * sent the header: browsers cannot set headers on a WebSocket handshake. Applied in front
 * of the whole application, so that authentication sees the header, and no filter,
 * policy, upstream or log sees the parameter.
 */
public final class QueryToken {

	private static final Log logger = LogFactory.getLog(QueryToken.class);

	private final String parameter;

	private final String header;

	private final String scheme;

	private final List<PathPattern> paths;

	/**
	 * Creates a rule for upgrade requests.
	 * @param parameter the name of the query parameter
	 * @param header the name of the header
	 * @param scheme the authentication scheme to prepend to the value, or an empty string
	 * @param paths patterns of the request paths that the rule applies to
	 */
	public QueryToken(String parameter, String header, String scheme, List<String> paths) {
		this.parameter = parameter;
		this.header = header;
		this.scheme = scheme;
		this.paths = paths.stream().map(PathPatternParser.defaultInstance::parse).toList();
	}

	/**
	 * Apply this rule in front of a handler.
	 * @param handler the handler
	 * @return a handler that sees the header instead of the parameter
	 */
	public HttpHandler decorate(HttpHandler handler) {
		return (request, response) -> handler.handle(moveToken(request), response);
	}

	private ServerHttpRequest moveToken(ServerHttpRequest request) {
		String query = request.getURI().getRawQuery();
		if (query == null || !HandshakeRules.isWebSocketUpgrade(request) || !applies(request)) {
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
		// With several tokens it is ambiguous which one counts, so none does.
		String token = (tokens.size() == 1) ? withoutScheme(tokens.get(0)) : null;
		boolean good = isToken(token);
		if (!good && logger.isDebugEnabled()) {
			logger.debug("Dropped the token in the query of an upgrade request: "
					+ ((tokens.size() == 1) ? "it is empty or malformed" : "it occurs " + tokens.size() + " times"));
		}
		return withoutParameter(request, String.join("&", kept), good ? token : null);
	}

	/**
	 * Some clients include the scheme in the parameter, as they would in the header. HTML
	 * form encoding turns the space into a plus sign.
	 */
	private @Nullable String withoutScheme(@Nullable String value) {
		int length = this.scheme.length();
		boolean named = value != null && length > 0 && value.length() > length
				&& value.regionMatches(true, 0, this.scheme, 0, length)
				&& (value.charAt(length) == ' ' || value.charAt(length) == '+');
		return (value != null && named) ? value.substring(length + 1).strip() : value;
	}

	private boolean applies(ServerHttpRequest request) {
		PathContainer path = request.getPath().pathWithinApplication();
		return this.paths.stream().anyMatch((pattern) -> pattern.matches(path));
	}

	private ServerHttpRequest withoutParameter(ServerHttpRequest request, String query, @Nullable String token) {
		ServerHttpRequest.Builder builder = request.mutate().uri(withQuery(request.getURI(), query));
		HttpHeaders headers = request.getHeaders();
		// A header that the client sent takes precedence.
		if (token != null && !headers.containsHeader(this.header)) {
			builder.header(this.header, this.scheme.isEmpty() ? token : this.scheme + " " + token);
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

	/**
	 * Return whether the text contains neither line breaks, which would end the header,
	 * nor a comma, which would start another value.
	 */
	private static boolean isToken(@Nullable String text) {
		return StringUtils.hasText(text)
				&& text.chars().allMatch((character) -> character > ' ' && character < 0x7f && character != ',');
	}

}
