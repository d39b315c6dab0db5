package dev.wspolicy.autoconfigure;

/**
 * What becomes of live sessions when their route changes.
 */
public enum OnRouteChange {

	/**
	 * They go on as they were opened.
	 */
	KEEP,

	/**
	 * They are closed with 1001.
	 */
	CLOSE

}
