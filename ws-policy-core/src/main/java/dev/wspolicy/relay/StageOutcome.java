package dev.wspolicy.relay;

/**
 * What the policies of a stage have made of a frame.
 */
enum StageOutcome {

	/** All of them have let it pass. */
	FORWARD,

	/** Other frames take its place: {@link PendingFrame#frames}. */
	REPLACE,

	/** Nothing takes its place; {@link PendingFrame#frames} are sent back. */
	DROP,

	/** The session ends because of it, as {@link PendingFrame#ending} says. */
	END,

	/** It is text that is not UTF-8. */
	INVALID_TEXT,

	/** The session has been closed in the meantime: nothing is done with it. */
	DISCARD,

	/** The verdict comes later. */
	WAIT

}
