package dev.wspolicy.pipeline;

/**
 * How many bytes may wait to be written to a peer.
 *
 * @param low reading the other peer begins again when fewer bytes than this wait
 * @param high reading the other peer stops when more bytes than this wait
 */
public record WaterMarks(int low, int high) {

	/**
	 * What applies if nothing is configured.
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
