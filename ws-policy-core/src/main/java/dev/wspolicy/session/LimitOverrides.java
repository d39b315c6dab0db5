package dev.wspolicy.session;

/**
 * The limits of one session that differ from those of its pipeline. Payload bytes count;
 * control frames are exempt. 0 stands for the limit of the pipeline,
 * {@link Long#MAX_VALUE} for no limit.
 *
 * @param frame bytes per frame
 * @param message bytes per message
 * @param fragments frames per message
 */
public record LimitOverrides(long frame, long message, long fragments) {

	/**
	 * No overrides: the limits of the pipeline apply.
	 */
	public static final LimitOverrides NONE = new LimitOverrides(0, 0, 0);

	public LimitOverrides {
		if (frame < 0 || message < 0 || fragments < 0) {
			throw new IllegalArgumentException(
					"limits: " + frame + ", " + message + ", " + fragments + " (expected: each 0 or more)");
		}
	}

	/**
	 * Overrides the length of messages only.
	 * @param bytes bytes per message
	 * @return the overrides
	 */
	public static LimitOverrides ofMessage(long bytes) {
		return new LimitOverrides(0, bytes, 0);
	}

}
