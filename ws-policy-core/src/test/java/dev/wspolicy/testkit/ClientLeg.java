package dev.wspolicy.testkit;

import java.util.List;

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

	/**
	 * Whether a response with this status, and with the headers that belong to it, opens
	 * a session.
	 */
	public boolean isSession(int status) {
		return (this == HTTP_1_1) ? status == 101 : status >= 200 && status < 300;
	}

	/**
	 * The values of a header that is about the connection, such as {@code Upgrade}, where
	 * a refusal has this one over HTTP/1.1. HTTP/2 has no such headers.
	 */
	public List<String> fieldOfConnection(String value) {
		return (this == HTTP_1_1) ? List.of(value) : List.of();
	}

	@Override
	public String toString() {
		return this.protocol;
	}

}
