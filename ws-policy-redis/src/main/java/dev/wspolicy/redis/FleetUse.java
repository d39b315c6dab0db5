package dev.wspolicy.redis;

/**
 * What a gateway uses Redis for. Each use asks something else of Redis, so that Redis may
 * be too slow for one of them only: a message that is limited waits for two round trips,
 * an upgrade for one.
 */
enum FleetUse {

	/** The list of sessions, the commands and the revocations. */
	DIRECTORY("directory"),

	/** The places that {@code session-limit} counts. */
	PLACES("session-limit"),

	/** The allowances of {@code rate-limit}. */
	RATES("rate-limit");

	private final String label;

	FleetUse(String label) {
		this.label = label;
	}

	/** Returns what operators call it, in the log, the health and the meters. */
	String label() {
		return this.label;
	}

}
