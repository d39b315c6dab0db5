package dev.wspolicy.pipeline;

/**
 * How many bytes may wait to be written to a peer.
 *
 * @param low the other peer is read again when fewer bytes than this wait
 * @param high the other peer is no longer read when more bytes than this wait
 */
public record WaterMarks(int low, int high) {

	/**
	 * The water marks that apply if nothing is configured.
	 */
	public static final WaterMarks DEFAULT = new WaterMarks(32 * 1024, 64 * 1024);

	public WaterMarks {
		if (low <= 0) {
			throw new IllegalArgumentException("low: " + low + " (expected: more than 0)");
		}
		if (low >= high) {
			throw new IllegalArgumentException("low: " + low + " (expected: less than high, " + high + ")");
		}
	}

}
