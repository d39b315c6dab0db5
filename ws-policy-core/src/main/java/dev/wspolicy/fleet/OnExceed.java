package dev.wspolicy.fleet;

/**
 * What happens to a session that would exceed a limit.
 */
public enum OnExceed {

	/**
	 * The new session is refused.
	 */
	REFUSE,

	/**
	 * The new session is admitted, and the oldest session is displaced.
	 */
	CLOSE_OLDEST

}
