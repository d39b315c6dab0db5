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
 * smaller but keeps some 320 kB per leg between messages, or less with a smaller window
 * @param level from 1, fastest, to 9, smallest; -1 for the default of zlib
 * @param minSize messages with fewer bytes are sent uncompressed
 * @param windowBits how far back a message may refer, as a power of two: 9 for 512 bytes
 * to 15 for 32 kB, less than which requires JZlib
 * @param memLevel how much memory a leg takes besides to compress messages, from 5,
 * least, to 9, fastest; anything but 8 requires JZlib
 */
public record Compression(boolean client, boolean upstream, boolean contextTakeover, int level, long minSize,
		int windowBits, int memLevel) {

	/**
	 * The window of the JDK.
	 */
	public static final int DEFAULT_WINDOW_BITS = 15;

	/**
	 * The lowest memory level. With less, some messages overflow a buffer of JZlib, which
	 * then fails or corrupts them, as zlib did
	 * (<a href="https://nvd.nist.gov/vuln/detail/CVE-2018-25032">CVE-2018-25032</a>).
	 */
	public static final int MIN_MEM_LEVEL = 5;

	/**
	 * The memory level of the JDK.
	 */
	public static final int DEFAULT_MEM_LEVEL = 8;

	/**
	 * No compression on either leg.
	 */
	public static final Compression OFF = new Compression(false, false, true, -1, 64);

	/**
	 * Creates settings with the window and the memory level of the JDK.
	 * @param client whether it is accepted from a client that offers it
	 * @param upstream whether it is offered to the upstream
	 * @param contextTakeover whether a message may refer to earlier ones
	 * @param level from 1, fastest, to 9, smallest; -1 for the default of zlib
	 * @param minSize messages with fewer bytes are sent uncompressed
	 */
	public Compression(boolean client, boolean upstream, boolean contextTakeover, int level, long minSize) {
		this(client, upstream, contextTakeover, level, minSize, DEFAULT_WINDOW_BITS, DEFAULT_MEM_LEVEL);
	}

	public Compression {
		if (level < -1 || level == 0 || level > 9) {
			throw new IllegalArgumentException("level: " + level + " (expected: 1 to 9, or -1)");
		}
		if (minSize < 0) {
			throw new IllegalArgumentException("minSize: " + minSize + " (expected: 0 or more)");
		}
		if (windowBits < 9 || windowBits > DEFAULT_WINDOW_BITS) {
			throw new IllegalArgumentException("windowBits: " + windowBits + " (expected: 9 to 15)");
		}
		if (memLevel < MIN_MEM_LEVEL || memLevel > 9) {
			throw new IllegalArgumentException("memLevel: " + memLevel + " (expected: " + MIN_MEM_LEVEL + " to 9)");
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
