package dev.wspolicy.relay;

/**
 * What a driver is to do with the bytes of a frame whose header it has just read.
 */
public enum Disposition {

	/**
	 * Write header and payload on to the other leg as they come, then call
	 * {@link Relay#onPassed}.
	 */
	PASS,

	/**
	 * Hold the data frame's bytes until it is whole, then call {@link Relay#onCollected}.
	 */
	COLLECT,

	/**
	 * Wait until the control frame is whole, then call {@link Relay#onControl}.
	 */
	CONTROL,

	/**
	 * Read over the frame; nothing is to be called.
	 */
	SKIP,

	/**
	 * It cannot be told where the frame ends: read over all that comes.
	 */
	SKIP_ALL

}
