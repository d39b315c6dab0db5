package dev.wspolicy.demo;

import java.security.Principal;

import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Believes whoever says {@code ?user=ann} to be ann, and takes everybody else for a
 * guest. It stands where a real application has Spring Security, which sets the principal
 * of the exchange just so.
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
