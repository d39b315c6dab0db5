package dev.wspolicy.relay;

/**
 * The policies that a frame is shown to.
 */
enum Stage {

	/** Policies on the data frames of the wire. */
	FRAME,

	/** Policies on whole messages. */
	MESSAGE,

	/** Policies on control frames. */
	CONTROL

}
