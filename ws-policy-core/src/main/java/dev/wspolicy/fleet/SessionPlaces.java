package dev.wspolicy.fleet;

import reactor.core.publisher.Mono;

/**
 * Counts the sessions that limits admit, by key. A place counts from before the upstream
 * is dialled until it is given back, so concurrent upgrades cannot exceed a limit. Safe
 * from any thread.
 */
public interface SessionPlaces {

	/**
	 * Takes a place on each subscription. With {@link OnExceed#CLOSE_OLDEST} there always
	 * is one: if the maximum has been reached, the sessions that have had their places
	 * for the longest time are displaced, on whichever gateway they are.
	 * @param request what to count
	 * @return emits the place, which the subscriber then has to give back; empty if no
	 * place is free. If the subscription is cancelled before that, nothing stays taken
	 */
	Mono<Place> take(PlaceRequest request);

	/**
	 * Returns how many keys have places that sessions of this gateway have taken.
	 * @return the approximate current number of keys
	 */
	int size();

}
