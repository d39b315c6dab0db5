package dev.wspolicy.builtin.security;

import java.security.Principal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.oauth2.core.ClaimAccessor;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2Token;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import reactor.core.publisher.Mono;

import dev.wspolicy.builtin.security.Credentials.Token;
import dev.wspolicy.builtin.security.Credentials.UsernamePassword;
import dev.wspolicy.fleet.PrincipalToken;

/**
 * Adapts Spring Security. Callers make sure that the required parts of it are on the
 * class path.
 */
public final class SpringSecurityAdapter {

	private SpringSecurityAdapter() {
	}

	/**
	 * Returns a check of user names and passwords.
	 * @param manager authenticates them
	 * @return the check
	 */
	public static CredentialsCheck passwords(ReactiveAuthenticationManager manager) {
		return (credentials, session) -> (credentials instanceof UsernamePassword user)
				? authenticate(manager,
						UsernamePasswordAuthenticationToken.unauthenticated(user.username(), user.password()))
				: Mono.empty();
	}

	/**
	 * Returns a check of bearer tokens.
	 * @param manager authenticates them
	 * @return the check
	 */
	public static CredentialsCheck tokens(ReactiveAuthenticationManager manager) {
		return (credentials, session) -> (credentials instanceof Token token)
				? authenticate(manager, new BearerTokenAuthenticationToken(token.value())) : Mono.empty();
	}

	private static Mono<Principal> authenticate(ReactiveAuthenticationManager manager, Authentication request) {
		return Mono.defer(() -> manager.authenticate(request))
			.filter(Authentication::isAuthenticated)
			.<Principal>map((authentication) -> authentication)
			.onErrorResume(SpringSecurityAdapter::isRefusal, (ex) -> Mono.empty());
	}

	/**
	 * An AuthenticationServiceException means that the credentials could not be checked.
	 */
	private static boolean isRefusal(Throwable failure) {
		return failure instanceof AuthenticationException && !(failure instanceof AuthenticationServiceException);
	}

	/**
	 * Returns the authorities of a principal.
	 * @param principal the principal
	 * @return the names, empty unless it is an authenticated {@link Authentication}
	 */
	public static Collection<String> authorities(Principal principal) {
		if (!(principal instanceof Authentication authentication) || !authentication.isAuthenticated()) {
			return List.of();
		}
		return authentication.getAuthorities().stream().map(GrantedAuthority::getAuthority).toList();
	}

	/**
	 * Returns the expiry of the token with which a principal has authenticated: a JWT or
	 * an opaque token, which an authentication keeps as its credentials or its principal.
	 * @param principal the principal
	 * @return the time, or {@code null} if there is none
	 */
	public static @Nullable Instant expiry(Principal principal) {
		if (!(principal instanceof Authentication authentication)) {
			return null;
		}
		if (authentication.getCredentials() instanceof OAuth2Token token) {
			return token.getExpiresAt();
		}
		return (authentication.getPrincipal() instanceof OAuth2Token token) ? token.getExpiresAt() : null;
	}

	/**
	 * Returns id and time of issue of the token with which a principal has authenticated:
	 * a JWT, an opaque token with the attributes {@code jti} and {@code iat}, or an ID
	 * token.
	 * @param principal the principal
	 * @return what is known
	 */
	public static PrincipalToken token(Principal principal) {
		if (!(principal instanceof Authentication authentication)) {
			return PrincipalToken.UNKNOWN;
		}
		Map<String, Object> claims = claims(authentication.getCredentials());
		if (claims.isEmpty()) {
			claims = claims(authentication.getPrincipal());
		}
		Object id = claims.get("jti");
		Object issuedAt = claims.get("iat");
		if (issuedAt == null && authentication.getCredentials() instanceof OAuth2Token token) {
			issuedAt = token.getIssuedAt();
		}
		return new PrincipalToken((id != null) ? id.toString() : null,
				(issuedAt instanceof Instant instant) ? instant : null);
	}

	private static Map<String, Object> claims(@Nullable Object source) {
		if (source instanceof ClaimAccessor token) {
			return token.getClaims();
		}
		return (source instanceof OAuth2AuthenticatedPrincipal principal) ? principal.getAttributes() : Map.of();
	}

}
