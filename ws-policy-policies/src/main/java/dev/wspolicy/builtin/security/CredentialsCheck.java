package dev.wspolicy.builtin.security;

import java.security.Principal;

import reactor.core.publisher.Mono;

import dev.wspolicy.session.ProxiedSession;

/**
 * Checks the credentials that a client sends in a message. Define a bean of this type to
 * replace Spring Security in {@code first-message-auth} and {@code token-expiry}.
 */
@FunctionalInterface
public interface CredentialsCheck {

	/**
	 * Checks credentials. Called on an event loop or a worker thread, so it must not
	 * block.
	 * @param credentials the credentials
	 * @param session the session of the client
	 * @return the authenticated principal, an {@link ExpiringPrincipal} if the
	 * authentication expires; empty if the credentials are rejected; an error if they
	 * cannot be checked, which fails the policy
	 */
	Mono<Principal> check(Credentials credentials, ProxiedSession session);

}
