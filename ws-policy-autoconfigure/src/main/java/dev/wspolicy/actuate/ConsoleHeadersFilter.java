package dev.wspolicy.actuate;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * {@link WebFilter} that puts headers onto the console, which an endpoint cannot do by
 * itself. They tell browsers to run no script but the console's own and to take no text
 * for markup: payloads and headers that the console shows come from anybody.
 */
public class ConsoleHeadersFilter implements WebFilter {

	private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
			+ "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
			+ "require-trusted-types-for 'script'; trusted-types 'none'";

	private final Supplier<PathMappedEndpoints> endpoints;

	/**
	 * A filter.
	 * @param endpoints where all endpoints are
	 */
	public ConsoleHeadersFilter(Supplier<PathMappedEndpoints> endpoints) {
		this.endpoints = endpoints;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		if (isConsole(exchange.getRequest().getPath().pathWithinApplication().value())) {
			HttpHeaders headers = exchange.getResponse().getHeaders();
			headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
			headers.set("X-Content-Type-Options", "nosniff");
			headers.set("Referrer-Policy", "no-referrer");
			headers.setCacheControl("no-cache");
		}
		return chain.filter(exchange);
	}

	private boolean isConsole(String path) {
		@Nullable String console = this.endpoints.get().getPath(WebSocketConsoleEndpoint.ID);
		return console != null && path.startsWith(console)
				&& (path.length() == console.length() || path.charAt(console.length()) == '/');
	}

}
