package dev.wspolicy.policy;

import reactor.core.publisher.Mono;

import dev.wspolicy.session.UpgradeContext;

/**
 * Accepts or refuses a WebSocket upgrade before the upstream is dialled. Beans of this
 * type run in Spring's order for every session; the first refusal wins.
 */
@FunctionalInterface
public interface UpgradePolicy {

	/**
	 * Judge an upgrade request.
	 * @param upgrade the request; nothing is known of the upstream's answer yet
	 * @return the verdict; empty accepts; an error is answered as any error in a route
	 * is, with 500 unless it says otherwise, and so is no verdict within
	 * {@code handshake-timeout}
	 */
	Mono<UpgradeVerdict> apply(UpgradeContext upgrade);

}
