package dev.wspolicy.frame;

import java.util.Arrays;

/**
 * Where a frame reads its bytes from. Frames made by users hold an array; frames from the
 * wire read from the buffers they arrived in, and only when asked to, so that a payload
 * that no policy reads is never unmasked.
 * <p>
 * Methods may be called from any thread. Each of them throws
 * {@link IllegalStateException} once the payload has been released.
 */
public interface Payload {

	/**
	 * The number of bytes. Does not read what came from the wire, and does not throw
	 * after the release.
	 * @return the length, 0 or more
	 */
	int length();

	/**
	 * The bytes, unmasked. The same array each time, never to be written to.
	 * @return an array of exactly {@link #length()} bytes
	 */
	byte[] bytes();

	/**
	 * The first bytes, unmasked.
	 * @param limit how many at most
	 * @return a new array
	 */
	default byte[] head(int limit) {
		return Arrays.copyOf(bytes(), Math.min(limit, length()));
	}

	/**
	 * The bytes as text.
	 * @return the text
	 * @throws InvalidUtf8Exception if the bytes are not UTF-8
	 */
	String text();

	/**
	 * These bytes in memory that is never released.
	 * @return a copy, or this payload if it is never released itself
	 */
	default Payload copy() {
		return new HeapPayload(bytes());
	}

	/**
	 * The verdict on the frame has settled: nothing may be read from now on.
	 */
	void release();

}
