package dev.wspolicy.pipeline;

import dev.wspolicy.session.Side;

/**
 * Whether and how permessage-deflate is used
 * (<a href="https://www.rfc-editor.org/rfc/rfc7692#section-7">RFC 7692, section 7</a>).
 * The gateway negotiates it with each side separately.
 *
 * @param client whether it is accepted from a client that offers it
 * @param upstream whether it is offered to the upstream
 * @param contextTakeover whether a message may refer to earlier ones, which makes it
 * smaller but keeps about 300 kB per direction of a leg between messages
 * @param level from 1, fastest, to 9, smallest; -1 for the default of zlib
 * @param minSize messages with fewer bytes are sent uncompressed
 */
public record Compression(boolean client, boolean upstream, boolean contextTakeover, int level, long minSize) {

	/**
	 * No compression on either leg.
	 */
	public static final Compression OFF = new Compression(false, false, true, -1, 64);

	public Compression {
		if (level < -1 || level == 0 || level > 9) {
			throw new IllegalArgumentException("level: " + level + " (expected: 1 to 9, or -1)");
		}
		if (minSize < 0) {
			throw new IllegalArgumentException("minSize: " + minSize + " (expected: 0 or more)");
		}
	}

	/**
	 * Whether a leg may be compressed.
	 * @param side the leg
	 * @return {@code true} if it may
	 */
	public boolean isOn(Side side) {
		return (side == Side.CLIENT) ? this.client : this.upstream;
	}

}
