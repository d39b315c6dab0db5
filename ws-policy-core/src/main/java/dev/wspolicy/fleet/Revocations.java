package dev.wspolicy.fleet;

import java.security.Principal;
import java.time.Instant;

import reactor.core.publisher.Mono;

/**
 * Revokes authentications: sessions that were authenticated with what is revoked are
 * closed with {@value #CODE} on all gateways, and new ones are refused until it expires.
 */
public interface Revocations {

	/**
	 * The code that the clients of revoked sessions get.
	 */
	int CODE = 4401;

	/**
	 * Revokes authentications, on this gateway at once.
	 * @param revocation what is revoked; one that has expired has no effect
	 * @return the outcome, with the number of sessions that are closed; gateways that it
	 * does not reach are told when they can be reached again
	 */
	Mono<FleetOutcome> revoke(Revocation revocation);

	/**
	 * Whether an authentication has been revoked. Answers from memory.
	 * @param principal the principal
	 * @param authenticatedAt when it was authenticated; used if it is not known when its
	 * token was issued
	 * @return {@code true} if it has been revoked
	 */
	boolean isRevoked(Principal principal, Instant authenticatedAt);

	/**
	 * Returns how many revocations are known that have not expired.
	 * @return the number
	 */
	int size();

}
