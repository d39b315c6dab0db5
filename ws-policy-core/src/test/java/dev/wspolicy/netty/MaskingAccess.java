package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;

/**
 * Makes {@link Masks} accessible to benchmarks.
 */
public final class MaskingAccess {

	private MaskingAccess() {
	}

	/**
	 * Masks bytes of an array.
	 * @param bytes the array
	 * @param offset the index of the first byte
	 * @param length the number of bytes
	 * @param key the key
	 * @param phase the number of payload bytes before the first one
	 */
	public static void apply(byte[] bytes, int offset, int length, int key, long phase) {
		Masks.apply(bytes, offset, length, key, phase);
	}

	/**
	 * Masks bytes of a buffer.
	 * @param buffer the buffer
	 * @param offset the index of the first byte
	 * @param length the number of bytes
	 * @param key the key
	 * @param phase the number of payload bytes before the first one
	 */
	public static void apply(ByteBuf buffer, int offset, int length, int key, long phase) {
		Masks.apply(buffer, offset, length, key, phase);
	}

}
