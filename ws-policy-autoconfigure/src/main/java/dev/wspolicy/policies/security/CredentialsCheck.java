package dev.wspolicy.policies.security;

import java.security.Principal;

import reactor.core.publisher.Mono;

import dev.wspolicy.session.ProxiedSession;

/**
 * Checks credentials that a client sends in a message. A bean of this type serves
 * {@code first-message-auth} and {@code token-expiry} in place of Spring Security.
 */
@FunctionalInterface
public interface CredentialsCheck {

	/**
	 * Check credentials. Called on an event loop, so it must not block.
	 * @param credentials what the client says
	 * @param session the session that it says it in
	 * @return who the client is, an {@link ExpiringPrincipal} if that is true for some
	 * time only; empty if the credentials are no good; an error if they cannot be checked
	 */
	Mono<Principal> check(Credentials credentials, ProxiedSession session);

}
