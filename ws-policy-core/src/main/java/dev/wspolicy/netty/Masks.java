package dev.wspolicy.netty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.netty.buffer.ByteBuf;

/**
 * Masks and unmasks payloads
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.3">RFC 6455, section
 * 5.3</a>), eight bytes at a time. A key is the big-endian {@code int} of its four bytes;
 * the phase is the number of payload bytes before the first one.
 */
final class Masks {

	private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

	private Masks() {
	}

	static void apply(byte[] bytes, int offset, int length, int key, long phase) {
		if (key == 0) {
			return;
		}
		int rotated = rotate(key, phase);
		long word = Integer.toUnsignedLong(Integer.reverseBytes(rotated));
		word |= word << 32;
		int index = offset;
		int end = offset + length;
		for (int last = end - 7; index < last; index += 8) {
			LONGS.set(bytes, index, (long) LONGS.get(bytes, index) ^ word);
		}
		for (int shift = 24; index < end; index++, shift -= 8) {
			bytes[index] ^= (byte) (rotated >> (shift & 31));
		}
	}

	static void apply(ByteBuf buffer, int offset, int length, int key, long phase) {
		if (key == 0) {
			return;
		}
		if (buffer.nioBufferCount() == 1) {
			// The view that the buffer keeps for itself: this allocates nothing.
			apply(buffer.internalNioBuffer(offset, length), rotate(key, phase));
			return;
		}
		long done = phase;
		for (ByteBuffer part : buffer.nioBuffers(offset, length)) {
			int partLength = part.remaining();
			apply(part, rotate(key, done));
			done += partLength;
		}
	}

	private static void apply(ByteBuffer buffer, int rotated) {
		long word = Integer.toUnsignedLong(rotated);
		word |= word << 32;
		int index = buffer.position();
		int end = buffer.limit();
		for (int last = end - 7; index < last; index += 8) {
			buffer.putLong(index, buffer.getLong(index) ^ word);
		}
		for (int shift = 24; index < end; index++, shift -= 8) {
			buffer.put(index, (byte) (buffer.get(index) ^ (rotated >> (shift & 31))));
		}
	}

	static int rotate(int key, long phase) {
		return Integer.rotateLeft(key, 8 * (int) (phase & 3));
	}

}
