package dev.wspolicy.session;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * The sessions that live in this gateway. Safe from any thread.
 */
public interface SessionRegistry {

	/**
	 * Find a session.
	 * @param id its id
	 * @return the session, if it lives here
	 */
	Optional<ProxiedSession> find(String id);

	/**
	 * All live sessions, in no order. Sessions that open or close meanwhile may or may
	 * not be seen.
	 * @return a stream, weakly consistent
	 */
	Stream<ProxiedSession> stream();

	/**
	 * The number of live sessions.
	 * @return the number
	 */
	int size();

	/**
	 * Whether no new session may open, and those that live are ended.
	 * @return {@code true} while the gateway drains
	 */
	boolean isDraining();

	/**
	 * How far the drain has come.
	 * @return the progress, or nothing if there is no drain
	 */
	default Optional<DrainProgress> drain() {
		return Optional.empty();
	}

}
