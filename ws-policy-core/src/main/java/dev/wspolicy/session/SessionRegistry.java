package dev.wspolicy.session;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * The live sessions of this gateway. Safe from any thread.
 */
public interface SessionRegistry {

	/**
	 * Finds a session.
	 * @param id its id
	 * @return the session, or empty if this gateway has no live session of that id
	 */
	Optional<ProxiedSession> find(String id);

	/**
	 * Returns all live sessions, in no particular order. Sessions that open or close
	 * meanwhile may or may not be included.
	 * @return a weakly consistent stream
	 */
	Stream<ProxiedSession> stream();

	/**
	 * Returns the number of live sessions.
	 * @return the number
	 */
	int size();

	/**
	 * Whether new sessions are refused and live ones are being closed.
	 * @return {@code true} while the gateway drains
	 */
	boolean isDraining();

	/**
	 * Returns the progress of the drain.
	 * @return the progress, or empty if there is no drain
	 */
	default Optional<DrainProgress> drain() {
		return Optional.empty();
	}

	/**
	 * Returns for how long sessions have occupied their event loops, those that have
	 * ended included.
	 * @return the sums of all event loops, which may be a little old
	 */
	default LoopTurns turns() {
		return LoopTurns.NONE;
	}

}
