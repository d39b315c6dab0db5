package dev.wspolicy.policies.security;

import java.security.Principal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.oauth2.core.OAuth2Token;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import reactor.core.publisher.Mono;

import dev.wspolicy.policies.security.Credentials.Token;
import dev.wspolicy.policies.security.Credentials.UsernamePassword;

/**
 * All that is asked of Spring Security. Which parts of it are on the class path is known
 * to those who call.
 */
final class SpringSecurity {

	private SpringSecurity() {
	}

	static CredentialsCheck passwords(ReactiveAuthenticationManager manager) {
		return (credentials, session) -> (credentials instanceof UsernamePassword user)
				? authenticate(manager,
						UsernamePasswordAuthenticationToken.unauthenticated(user.username(), user.password()))
				: Mono.empty();
	}

	static CredentialsCheck tokens(ReactiveAuthenticationManager manager) {
		return (credentials, session) -> (credentials instanceof Token token)
				? authenticate(manager, new BearerTokenAuthenticationToken(token.value())) : Mono.empty();
	}

	private static Mono<Principal> authenticate(ReactiveAuthenticationManager manager, Authentication request) {
		return Mono.defer(() -> manager.authenticate(request))
			.filter(Authentication::isAuthenticated)
			.<Principal>map((authentication) -> authentication)
			.onErrorResume(SpringSecurity::isRefusal, (ex) -> Mono.empty());
	}

	/** Not if it could not be found out whether the credentials are good. */
	private static boolean isRefusal(Throwable failure) {
		return failure instanceof AuthenticationException && !(failure instanceof AuthenticationServiceException);
	}

	static Collection<String> authorities(Principal principal) {
		if (!(principal instanceof Authentication authentication) || !authentication.isAuthenticated()) {
			return List.of();
		}
		return authentication.getAuthorities().stream().map(GrantedAuthority::getAuthority).toList();
	}

	/** A JWT's or an opaque token's, wherever an authentication keeps it. */
	static @Nullable Instant expiry(Principal principal) {
		if (!(principal instanceof Authentication authentication)) {
			return null;
		}
		if (authentication.getCredentials() instanceof OAuth2Token token) {
			return token.getExpiresAt();
		}
		return (authentication.getPrincipal() instanceof OAuth2Token token) ? token.getExpiresAt() : null;
	}

}
