package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A range of payload bytes in a buffer, linked to the range that follows it. The bytes
 * are still masked if they arrived masked. A slice does not own its buffer: the bytes are
 * retained elsewhere for as long as a payload over them can be read.
 */
final class MaskedSlice {

	private ByteBuf buffer;

	private int index;

	private int length;

	private final int key;

	/** The number of payload bytes of the same frame before this slice. */
	private final long phase;

	private @Nullable MaskedSlice next;

	MaskedSlice(ByteBuf buffer, int index, int length, int key, long phase) {
		this.buffer = buffer;
		this.index = index;
		this.length = length;
		this.key = key;
		this.phase = phase;
	}

	void append(MaskedSlice next) {
		this.next = next;
	}

	/**
	 * Follows the bytes of a buffer that have been copied to another one. Ignored if this
	 * slice lies in a third buffer. Nobody may be reading the slice.
	 * @param from the buffer that the bytes were in
	 * @param to the buffer that the bytes are in now
	 * @param shift the difference between the new index of a byte and its old one
	 */
	@SuppressWarnings("ReferenceEquality")
	void move(ByteBuf from, ByteBuf to, int shift) {
		if (this.buffer == from) {
			this.buffer = to;
			this.index += shift;
		}
	}

	/**
	 * Extends this slice by another one if that has the next bytes of the same payload,
	 * adjacent in the same buffer.
	 * @param other the other slice
	 * @return whether this slice covers the other one now
	 */
	@SuppressWarnings("ReferenceEquality")
	boolean merge(MaskedSlice other) {
		boolean adjacent = other.buffer == this.buffer && other.index == this.index + this.length
				&& other.key == this.key && other.phase == this.phase + this.length;
		if (adjacent) {
			this.length += other.length;
		}
		return adjacent;
	}

	/**
	 * Copies a slice and those linked to it, unmasked.
	 * @param first the first slice, or {@code null} for none
	 * @param target the array to copy to
	 * @param length the maximum number of bytes to copy
	 */
	static void copy(@Nullable MaskedSlice first, byte[] target, int length) {
		int offset = 0;
		for (MaskedSlice slice = first; slice != null && offset < length; slice = slice.next) {
			int copied = Math.min(slice.length, length - offset);
			slice.buffer.getBytes(slice.index, target, offset, copied);
			if (slice.key != 0) {
				Masks.apply(target, offset, copied, slice.key, slice.phase);
			}
			offset += copied;
		}
	}

}
