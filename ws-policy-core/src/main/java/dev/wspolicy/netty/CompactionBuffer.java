package dev.wspolicy.netty;

import java.util.Collection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Copies small parts of read buffers together, so that none of them keeps a whole buffer
 * in memory.
 */
final class CompactionBuffer {

	/** Parts of fewer bytes are always copied. */
	static final int SMALL = 1024;

	private static final int CAPACITY = 4096;

	private final ByteBufAllocator allocator;

	/** The buffer that parts are copied to; null if the next part needs a new one. */
	private @Nullable ByteBuf buffer;

	CompactionBuffer(ByteBufAllocator allocator) {
		this.allocator = allocator;
	}

	/**
	 * Returns the memory that a buffer keeps allocated: more than its own capacity if it
	 * is a slice of another buffer.
	 * @param buffer the buffer
	 * @return the number of bytes
	 */
	static int memoryOf(ByteBuf buffer) {
		return rootOf(buffer).capacity();
	}

	/** Returns the buffer that a slice is ultimately a part of, or the buffer itself. */
	static ByteBuf rootOf(ByteBuf buffer) {
		ByteBuf root = buffer;
		for (ByteBuf next = root.unwrap(); next != null; next = root.unwrap()) {
			root = next;
		}
		return root;
	}

	/** Whether a buffer is in use that has room for more parts. */
	boolean isInUse() {
		return this.buffer != null;
	}

	/**
	 * Returns a buffer to append a part to.
	 * @param needed the length of the part
	 * @param buffers owns each buffer that is allocated here: it is appended to them
	 * @return the buffer, with room for the part
	 */
	ByteBuf withRoomFor(int needed, Collection<ByteBuf> buffers) {
		ByteBuf buffer = this.buffer;
		if (buffer == null || buffer.writableBytes() < needed) {
			int capacity = Math.max(CAPACITY, needed);
			buffer = this.allocator.buffer(capacity, capacity);
			this.buffer = buffer;
			buffers.add(buffer);
		}
		return buffer;
	}

	/** Starts a new buffer with the next part: others follow the one in use. */
	void close() {
		this.buffer = null;
	}

}
