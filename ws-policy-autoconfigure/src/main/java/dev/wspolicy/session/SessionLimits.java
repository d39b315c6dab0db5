package dev.wspolicy.session;

/**
 * How big the frames and messages of one session may be, as far as that differs from what
 * its pipeline says. Payload bytes count; control frames are exempt. 0 stands for what
 * the pipeline says, {@link Long#MAX_VALUE} for no limit.
 *
 * @param frame bytes per frame
 * @param message bytes per message
 * @param fragments frames per message
 */
public record SessionLimits(long frame, long message, long fragments) {

	/**
	 * The limits of the pipeline.
	 */
	public static final SessionLimits DEFAULT = new SessionLimits(0, 0, 0);

	public SessionLimits {
		if (frame < 0 || message < 0 || fragments < 0) {
			throw new IllegalArgumentException(
					"limits: " + frame + ", " + message + ", " + fragments + " (expected: each 0 or more)");
		}
	}

	/**
	 * The limits of the pipeline, but for the length of messages.
	 * @param bytes bytes per message
	 * @return the limits
	 */
	public static SessionLimits ofMessage(long bytes) {
		return new SessionLimits(0, bytes, 0);
	}

}
