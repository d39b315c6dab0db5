package dev.wspolicy.relay;

import dev.wspolicy.session.Side;

/**
 * Whether the socket of a side takes what waits for it.
 */
public final class Uptake {

	private final RelayOutput output;

	private final Side side;

	/** What it had taken when that was last looked at. */
	private long taken;

	/**
	 * Creates the uptake of one side.
	 * @param output knows what the socket has taken
	 * @param side the side
	 */
	public Uptake(RelayOutput output, Side side) {
		this.output = output;
		this.side = side;
	}

	/**
	 * Looks what has been taken.
	 * @return whether that is more than at the last look
	 */
	public boolean look() {
		long before = this.taken;
		this.taken = this.output.taken(this.side);
		// Less, if what was written has grown on its way, as TLS makes it.
		return this.taken > before;
	}

	/**
	 * Looks when the call that is under way is over. What it has written may not have
	 * been flushed yet, and would seem to have been taken by the next look.
	 */
	public void lookSoon() {
		this.output.runSoon(this::look);
	}

}
