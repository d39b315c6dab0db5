package dev.wspolicy.netty;

/**
 * The owner of the bytes of a collected frame, which carries out what becomes of them.
 */
interface CollectedBytes {

	/**
	 * Returns the payload of all frames that are held, of which the frame is the last.
	 */
	WirePayload message(WirePayload frame);

	/** Releases the payload, and writes the bytes as they came. */
	void forward(WirePayload frame);

	/** Releases the payload and the bytes. */
	void drop(WirePayload frame);

	/** Releases the payload, and keeps the bytes for the fragments that follow. */
	void keep(WirePayload frame);

}
