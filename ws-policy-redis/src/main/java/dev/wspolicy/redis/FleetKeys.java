package dev.wspolicy.redis;

/**
 * The keys of the directory, the commands and the revocations. Keys that one command
 * reads together share a hash tag, so that they live on the same node of a cluster.
 *
 * @param prefix the prefix of all keys
 */
record FleetKeys(String prefix) {

	/** A sorted set of the names of the live gateways, by the end of their lease. */
	String gateways() {
		return this.prefix + "gateways";
	}

	/** A hash of the sessions of a gateway, which expires with the lease. */
	String sessions(String gateway) {
		return this.prefix + "sessions:" + gateway;
	}

	/** A sorted set of the same sessions, in the order in which they are listed. */
	String order(String gateway) {
		return "{" + sessions(gateway) + "}:order";
	}

	/** The stream of commands. */
	String commands() {
		return "{" + this.prefix + "commands}";
	}

	/** The stream of the answers to the commands that a gateway has sent. */
	String replies(String gateway) {
		return commands() + ":replies:" + gateway;
	}

	/** A sorted set of revocations, by their end. */
	String revocations() {
		return this.prefix + "revocations";
	}

	/** A hash of overrides by the policies that they concern. */
	String overrides() {
		return this.prefix + "overrides";
	}

}
