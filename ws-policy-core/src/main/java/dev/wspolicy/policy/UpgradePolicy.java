package dev.wspolicy.policy;

import java.util.Set;

import reactor.core.publisher.Mono;

import dev.wspolicy.session.UpgradeContext;

/**
 * Accepts or refuses a WebSocket upgrade before the gateway dials the upstream. A bean
 * with {@link WsPolicy} decides on the upgrades of all routes, or of those that the
 * annotation names; a bean without it, on those of the pipelines that list the bean.
 * Annotated beans run first, in Spring's order. The first refusal wins.
 */
@FunctionalInterface
public interface UpgradePolicy {

	/**
	 * Decides on an upgrade request. Called on the thread that handles the exchange,
	 * usually an event loop: must not block.
	 * @param upgrade the request; the upstream has not answered yet
	 * @return the verdict. An error is answered as any error in a route, with 500 unless
	 * the exception has another status; so is a {@code Mono} that is empty or takes
	 * longer than {@code handshake-timeout}
	 */
	Mono<UpgradeVerdict> apply(UpgradeContext upgrade);

	/**
	 * Whether this policy can be {@linkplain PolicyMode#OBSERVE observed}: whether to ask
	 * it and not to heed its verdict has no effect on any session.
	 * @return {@code false} if the policy acts on other sessions, for example
	 */
	default boolean isObservable() {
		return true;
	}

	/**
	 * Returns the subprotocols of which the policy requires the client to offer one.
	 * Start-up fails if a policy is bound to other subprotocols and every pipeline that
	 * may serve it requires some.
	 * @return the subprotocols; empty, the default, if the policy does not require
	 * particular ones
	 */
	default Set<String> requiredSubprotocols() {
		return Set.of();
	}

}
