package dev.wspolicy.fleet;

/**
 * What caps and rates of a fleet do while the gateways cannot reach each other.
 */
public enum OnFailure {

	/**
	 * Each gateway counts by itself.
	 */
	LOCAL,

	/**
	 * What would have to be counted is refused.
	 */
	REFUSE

}
