package dev.wspolicy.pipeline;

/**
 * What becomes of the masks of inbound frames that are forwarded as they came.
 */
public enum Masking {

	/**
	 * The client's own mask goes on to the upstream: nothing is computed.
	 */
	PRESERVE,

	/**
	 * Each frame gets a fresh key of the gateway's.
	 */
	REMASK

}
