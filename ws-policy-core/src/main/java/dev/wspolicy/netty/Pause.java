package dev.wspolicy.netty;

/**
 * A reason why a direction is not scanned. Several reasons may hold at once. Scanning
 * continues when the last of them is gone.
 */
enum Pause {

	/** The relay has suspended the direction: a verdict is pending. */
	SUSPENDED,

	/** Policies have produced more than the target takes. */
	TARGET_FULL,

	/** The direction has used up its turn of the event loop. */
	TURN_OVER,

	/** The session has ended. */
	SESSION_ENDED;

	private final int bit = 1 << ordinal();

	/** Returns the bit that stands for this reason in a set of reasons. */
	int bit() {
		return this.bit;
	}

}
