package dev.wspolicy.actuate;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/**
 * Authenticates each request as the user that its {@code X-User} header names. The user
 * {@code ops} has the role {@code OPS}.
 */
@Configuration(proxyBeanMethods = false)
class HeaderAuthentication {

	@Bean
	WebFilter authentication() {
		return (exchange, chain) -> {
			String user = exchange.getRequest().getHeaders().getFirst("X-User");
			if (user == null) {
				return chain.filter(exchange);
			}
			TestingAuthenticationToken token = new TestingAuthenticationToken(user, "",
					user.equals("ops") ? "ROLE_OPS" : "ROLE_USER");
			return chain.filter(exchange.mutate().principal(Mono.just(token)).build())
				.contextWrite(ReactiveSecurityContextHolder.withAuthentication(token));
		};
	}

}
