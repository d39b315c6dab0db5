package dev.wspolicy.frame;

import java.util.Arrays;

/**
 * The bytes of a frame. Frames created by users hold an array; frames from the wire read
 * from the buffers that they arrived in, and only on demand, so that a payload that no
 * policy reads is never unmasked.
 * <p>
 * Internal: policies and applications do not use this interface, which may change at any
 * time. Methods may be called from any thread. Unless stated otherwise they throw
 * {@link IllegalStateException} once the payload has been released.
 */
public interface Payload {

	/**
	 * Returns the number of bytes. Does not read a payload from the wire, and can be
	 * called after the release.
	 * @return the length, 0 or more
	 */
	int length();

	/**
	 * Returns about how many bytes there are. Does not encode what a policy has created,
	 * as {@link #length()} may have to.
	 * @return the length, or an estimate; 0 if nothing is known yet
	 */
	default int roughLength() {
		return length();
	}

	/**
	 * Returns the unmasked bytes.
	 * @return the same array each time, of exactly {@link #length()} bytes; must not be
	 * written to
	 */
	byte[] bytes();

	/**
	 * Returns the first bytes, unmasked.
	 * @param limit the most bytes to return
	 * @return a new array
	 */
	default byte[] head(int limit) {
		return Arrays.copyOf(bytes(), Math.min(limit, length()));
	}

	/**
	 * Decodes the bytes.
	 * @return the text
	 * @throws InvalidUtf8Exception if the bytes are not UTF-8
	 */
	String text();

	/**
	 * Returns the same bytes in memory that is never released.
	 * @return a copy, or this payload if it is never released itself
	 */
	default Payload copy() {
		return new HeapPayload(bytes());
	}

	/**
	 * Releases the memory. The outcome of the frame has been decided, and nothing may be
	 * read from now on.
	 */
	void release();

}
