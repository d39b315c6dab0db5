package dev.wspolicy.actuate;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/**
 * A gateway that believes what one says: whoever {@code X-User} names is the user, and
 * the user 'ops' has the role OPS.
 */
@Configuration(proxyBeanMethods = false)
class SayingWhoOneIs {

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
