package dev.wspolicy.pipeline;

import dev.wspolicy.session.SessionLimits;

/**
 * How big a peer's frames and messages may be. Payload bytes count, masks and headers do
 * not; control frames are exempt. {@link Long#MAX_VALUE} stands for no limit.
 *
 * @param frame bytes per frame
 * @param message bytes per message
 * @param fragments frames per message
 */
public record Limits(long frame, long message, long fragments) {

	/**
	 * No limits at all.
	 */
	public static final Limits NONE = new Limits(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

	public Limits {
		if (frame < 1 || message < 1 || fragments < 1) {
			throw new IllegalArgumentException(
					"limits: " + frame + ", " + message + ", " + fragments + " (expected: each at least 1)");
		}
	}

	/**
	 * These limits where a session does not have its own.
	 * @param own the limits of the session
	 * @return what holds for it
	 */
	public Limits with(SessionLimits own) {
		return new Limits((own.frame() > 0) ? own.frame() : this.frame,
				(own.message() > 0) ? own.message() : this.message,
				(own.fragments() > 0) ? own.fragments() : this.fragments);
	}

}
