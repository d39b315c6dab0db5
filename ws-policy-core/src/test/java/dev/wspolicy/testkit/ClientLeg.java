package dev.wspolicy.testkit;

/**
 * How a client speaks to a gateway. Tests of what does not depend on it run once for
 * each.
 */
public enum ClientLeg {

	/** A connection of its own for each session. */
	HTTP_1_1("HTTP/1.1"),

	/** A stream of an HTTP/2 connection. */
	HTTP_2("HTTP/2");

	private final String protocol;

	ClientLeg(String protocol) {
		this.protocol = protocol;
	}

	/**
	 * The name of the protocol, as the gateway shows it.
	 */
	public String protocol() {
		return this.protocol;
	}

	@Override
	public String toString() {
		return this.protocol;
	}

}
