package dev.wspolicy.pipeline;

/**
 * How much of what one leg sends is processed in one turn of its event loop. The rest
 * waits for the next turn, so that the other sessions of that loop are served.
 *
 * @param frames the number of frames
 * @param readBytes the number of bytes read from the socket
 * @param inflatedBytes the number of bytes that compressed messages inflate to
 */
public record TurnBudget(int frames, int readBytes, int inflatedBytes) {

	/**
	 * The budget that applies if nothing is configured.
	 */
	public static final TurnBudget DEFAULT = new TurnBudget(1024, 256 * 1024, 256 * 1024);

	public TurnBudget {
		if (frames <= 0) {
			throw new IllegalArgumentException("frames: " + frames + " (expected: more than 0)");
		}
		if (readBytes <= 0) {
			throw new IllegalArgumentException("readBytes: " + readBytes + " (expected: more than 0)");
		}
		if (inflatedBytes <= 0) {
			throw new IllegalArgumentException("inflatedBytes: " + inflatedBytes + " (expected: more than 0)");
		}
	}

}
