package dev.wspolicy.fleet;

/**
 * A place that a session has taken.
 */
public interface Place {

	/**
	 * Gives the place back. Does nothing if it has been given back before, or if the
	 * session has been displaced. Safe from any thread, and never blocks.
	 */
	void release();

}
