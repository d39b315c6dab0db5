package dev.wspolicy.netty;

import java.nio.ByteBuffer;

import io.netty.buffer.ByteBuf;

/**
 * Checks that masked text is UTF-8 as it arrives, in pieces that may end anywhere
 * (<a href="https://www.rfc-editor.org/rfc/rfc3629#section-4">RFC 3629, section 4</a>).
 * Nothing is copied. ASCII is checked eight bytes at a time.
 */
final class Utf8Check {

	private static final long HIGH_BITS = 0x8080808080808080L;

	/** The number of bytes that are missing of the character that has begun. */
	private int missing;

	// The range of its next byte

	private int lowest = 0x80;

	private int highest = 0xBF;

	/** Starts with a new text. */
	void reset() {
		this.missing = 0;
		this.lowest = 0x80;
		this.highest = 0xBF;
	}

	/** Whether the text could end here. */
	boolean isComplete() {
		return this.missing == 0;
	}

	/**
	 * Checks the next piece.
	 * @param buffer the buffer with the piece
	 * @param offset the index of its first byte
	 * @param length the number of its bytes
	 * @param key the key that it is masked with; 0 for none
	 * @param phase the number of payload bytes of its frame before it
	 * @return whether the text can be UTF-8 so far
	 */
	boolean accepts(ByteBuf buffer, int offset, int length, int key, long phase) {
		if (buffer.nioBufferCount() == 1) {
			return accepts(buffer.internalNioBuffer(offset, length), Masks.rotate(key, phase));
		}
		long done = phase;
		for (ByteBuffer part : buffer.nioBuffers(offset, length)) {
			int partLength = part.remaining();
			if (!accepts(part, Masks.rotate(key, done))) {
				return false;
			}
			done += partLength;
		}
		return true;
	}

	private boolean accepts(ByteBuffer buffer, int key) {
		int start = buffer.position();
		int end = buffer.limit();
		int index = start;
		while (index < end) {
			if (this.missing == 0) {
				index = skipAscii(buffer, index, end, Masks.rotate(key, index - start));
				if (index == end) {
					return true;
				}
			}
			int shift = 24 - 8 * ((index - start) & 3);
			if (!accepts((buffer.get(index) ^ (key >> shift)) & 0xFF)) {
				return false;
			}
			index++;
		}
		return true;
	}

	private static int skipAscii(ByteBuffer buffer, int from, int end, int key) {
		long word = Integer.toUnsignedLong(key);
		word |= word << 32;
		int index = from;
		for (int last = end - 7; index < last; index += 8) {
			if (((buffer.getLong(index) ^ word) & HIGH_BITS) != 0) {
				return index;
			}
		}
		return index;
	}

	private boolean accepts(int value) {
		if (this.missing == 0) {
			return value < 0x80 || begins(value);
		}
		boolean accepted = value >= this.lowest && value <= this.highest;
		this.missing--;
		this.lowest = 0x80;
		this.highest = 0xBF;
		return accepted;
	}

	private boolean begins(int value) {
		if (value < 0xC2 || value > 0xF4) {
			return false;
		}
		if (value < 0xE0) {
			this.missing = 1;
		}
		else if (value < 0xF0) {
			this.missing = 2;
			// Neither an overlong encoding nor a surrogate.
			this.lowest = (value == 0xE0) ? 0xA0 : 0x80;
			this.highest = (value == 0xED) ? 0x9F : 0xBF;
		}
		else {
			this.missing = 3;
			this.lowest = (value == 0xF0) ? 0x90 : 0x80;
			this.highest = (value == 0xF4) ? 0x8F : 0xBF;
		}
		return true;
	}

}
