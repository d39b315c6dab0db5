package dev.wspolicy.pipeline;

import dev.wspolicy.session.LimitOverrides;

/**
 * How big a peer's frames and messages may be. Payload bytes count; masks and headers do
 * not, and control frames are exempt. {@link Long#MAX_VALUE} stands for no limit.
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

	/**
	 * The limits on what a client sends, if nothing is configured.
	 */
	public static final Limits DEFAULT_INBOUND = new Limits(Long.MAX_VALUE, 1024 * 1024, 1024);

	/**
	 * The limits on what an upstream sends, if nothing is configured. A server may split
	 * a long message into many fragments; even so, no session is unbounded.
	 */
	public static final Limits DEFAULT_OUTBOUND = new Limits(Long.MAX_VALUE, 16 * 1024 * 1024, 64 * 1024);

	public Limits {
		if (frame < 1 || message < 1 || fragments < 1) {
			throw new IllegalArgumentException(
					"limits: " + frame + ", " + message + ", " + fragments + " (expected: each at least 1)");
		}
	}

	/**
	 * Returns these limits with those of a session in their place, where it has its own.
	 * @param own the limits of the session
	 * @return the limits that apply to the session
	 */
	public Limits with(LimitOverrides own) {
		return new Limits((own.frame() > 0) ? own.frame() : this.frame,
				(own.message() > 0) ? own.message() : this.message,
				(own.fragments() > 0) ? own.fragments() : this.fragments);
	}

}
