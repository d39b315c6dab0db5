package dev.wspolicy.demo;

import java.security.Principal;

import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Authenticates a request with {@code ?user=ann} as ann, without any proof, and every
 * other request as a guest. In a real application Spring Security sets the principal of
 * the exchange in the same way.
 */
@Component
class QueryPrincipalFilter implements WebFilter {

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		String user = exchange.getRequest().getQueryParams().getFirst("user");
		Principal principal = new DemoPrincipal(StringUtils.hasText(user) ? user : "guest");
		return chain.filter(exchange.mutate().principal(Mono.just(principal)).build());
	}

	private record DemoPrincipal(String name) implements Principal {

		@Override
		public String getName() {
			return this.name;
		}

	}

}
