package dev.wspolicy.actuate;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import reactor.core.publisher.Mono;

/**
 * {@link WebFilter} that adds security headers to the responses of the console, because
 * an endpoint cannot set headers. The headers stop browsers from running any script other
 * than the console's own and from interpreting text as markup, since the console shows
 * payloads and headers from untrusted peers. A response belongs to the console if one of
 * its operations handled the request, regardless of how the path was written.
 */
public class ConsoleHeadersFilter implements WebFilter {

	private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
			+ "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
			+ "require-trusted-types-for 'script'; trusted-types 'none'";

	private final Supplier<PathMappedEndpoints> endpoints;

	/**
	 * Creates a filter for the console among the given endpoints.
	 * @param endpoints supplies the path-mapped endpoints
	 */
	public ConsoleHeadersFilter(Supplier<PathMappedEndpoints> endpoints) {
		this.endpoints = endpoints;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		exchange.getResponse().beforeCommit(() -> {
			if (isConsole(exchange)) {
				HttpHeaders headers = exchange.getResponse().getHeaders();
				headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
				headers.set("X-Content-Type-Options", "nosniff");
				headers.set("Referrer-Policy", "no-referrer");
				headers.setCacheControl("no-cache");
			}
			return Mono.empty();
		});
		return chain.filter(exchange);
	}

	/** Return whether an operation of the console handled the request. */
	private boolean isConsole(ServerWebExchange exchange) {
		if (!(exchange.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE) instanceof PathPattern pattern)) {
			return false;
		}
		String path = pattern.getPatternString();
		@Nullable String console = this.endpoints.get().getPath(WebSocketConsoleEndpoint.ID);
		return console != null && (path.equals(console) || path.startsWith(console + "/"));
	}

}
