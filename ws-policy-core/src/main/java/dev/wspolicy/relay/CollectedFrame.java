package dev.wspolicy.relay;

import dev.wspolicy.frame.Payload;

/**
 * A whole frame whose bytes the driver holds. The frame can be read until the relay
 * decides what becomes of it. The relay does so exactly once, with {@link #forward()},
 * {@link #drop()} or {@link #keep()}; the payloads are released then, so nobody reads
 * bytes that are gone.
 * <p>
 * Confined to the thread of the relay, apart from the methods of {@link Payload}.
 */
public interface CollectedFrame extends Payload {

	/**
	 * Returns the payload of all frames that are held in this direction, of which this
	 * one is the last.
	 * @return the payload of the message so far; this object if nothing else is held
	 */
	Payload message();

	/**
	 * Writes this frame, and all that was kept before it, to the other leg as it came.
	 */
	void forward();

	/**
	 * Releases the bytes of this frame and of all that was kept before it.
	 */
	void drop();

	/**
	 * Keeps the bytes until the next fragment of the same message has been collected,
	 * which then stands for this one too. If the direction is
	 * {@linkplain RelayOutput#discardRest discarded} before that, the driver releases
	 * them.
	 */
	void keep();

}
