package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;

/**
 * Compresses a stream of bytes with DEFLATE. Used by one event loop.
 */
sealed interface Compressor permits JdkCompressor, JZlibCompressor {

	/**
	 * Compresses bytes. Some of the result may be kept until more follows.
	 * @param input the buffer with the bytes, which are not needed afterwards
	 * @param index the index of the first byte
	 * @param length the number of bytes
	 * @param output the buffer to append the result to
	 */
	void compress(ByteBuf input, int index, int length, ByteBuf output);

	/**
	 * Completes the result so far, which then ends with an empty block.
	 * @param output the buffer to append it to
	 */
	void flush(ByteBuf output);

	/** Gives back the memory. */
	void recycle();

}
