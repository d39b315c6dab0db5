package dev.wspolicy.fleet;

import java.util.List;

import reactor.core.publisher.Mono;

/**
 * Lists the live gateways and their sessions. The data of other gateways may be slightly
 * out of date. If a gateway cannot be read, the answer names it instead of being an
 * error.
 */
public interface SessionDirectory {

	/**
	 * Returns the live gateways.
	 * @return the gateways, sorted by name, including this one
	 */
	Mono<List<FleetGateway>> gateways();

	/**
	 * Returns a page of the matching sessions of all gateways.
	 * @param query the criteria and the page
	 * @return the sessions, oldest first
	 */
	Mono<SessionList> list(SessionQuery query);

	/**
	 * Finds a session.
	 * @param id its id
	 * @return a list of one, or an empty one
	 */
	Mono<SessionList> find(String id);

}
