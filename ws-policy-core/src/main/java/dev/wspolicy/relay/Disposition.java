package dev.wspolicy.relay;

/**
 * What a driver does with the bytes of a frame whose header it has just read.
 */
public enum Disposition {

	/**
	 * Write header and payload to the other leg as they come, then call
	 * {@link Relay#onPassed}.
	 */
	PASS,

	/**
	 * Hold the data frame's bytes until it is whole, then call
	 * {@link Relay#onAggregated}.
	 */
	AGGREGATE,

	/**
	 * Collect the control frame until it is whole, then call {@link Relay#onControl}.
	 */
	CONTROL,

	/**
	 * Discard the frame; nothing is called for it.
	 */
	DISCARD,

	/**
	 * Discard everything that comes: the end of the frame is unknown.
	 */
	DISCARD_ALL

}
