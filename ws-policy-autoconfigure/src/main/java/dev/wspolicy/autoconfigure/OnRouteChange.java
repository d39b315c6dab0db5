package dev.wspolicy.autoconfigure;

/**
 * What happens to live sessions when their route changes.
 */
public enum OnRouteChange {

	/**
	 * Keep sessions open.
	 */
	KEEP,

	/**
	 * Close sessions with 1001.
	 */
	CLOSE

}
