package dev.wspolicy.netty;

import java.util.ArrayDeque;
import java.util.Deque;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A queue of buffers that have been read and cannot be processed yet. A buffer behind the
 * first one must not occupy much more memory than it has bytes: small parts are copied
 * together.
 */
final class Backlog {

	private final Deque<ByteBuf> buffers = new ArrayDeque<>(0);

	private final CompactionBuffer compactionBuffer;

	Backlog(ByteBufAllocator allocator) {
		this.compactionBuffer = new CompactionBuffer(allocator);
	}

	boolean isEmpty() {
		return this.buffers.isEmpty();
	}

	@Nullable ByteBuf peekFirst() {
		return this.buffers.peekFirst();
	}

	/** Removes the first buffer and passes its ownership to the caller. */
	ByteBuf removeFirst() {
		ByteBuf first = this.buffers.removeFirst();
		if (this.buffers.isEmpty()) {
			this.compactionBuffer.close();
		}
		return first;
	}

	/** Puts back the rest of the first buffer. */
	void addFirst(ByteBuf buffer) {
		this.buffers.addFirst(buffer);
	}

	/** Appends a buffer and takes ownership of it. */
	void addLast(ByteBuf buffer) {
		int length = buffer.readableBytes();
		boolean small = length < CompactionBuffer.SMALL || length < CompactionBuffer.memoryOf(buffer) / 4;
		if (this.buffers.isEmpty() || !small) {
			// A single buffer may stay as it was read.
			this.compactionBuffer.close();
			this.buffers.addLast(buffer);
			return;
		}
		try {
			this.compactionBuffer.withRoomFor(length, this.buffers).writeBytes(buffer);
		}
		finally {
			buffer.release();
		}
	}

	/** Releases all buffers. */
	void clear() {
		this.buffers.forEach(ByteBuf::release);
		this.buffers.clear();
		this.compactionBuffer.close();
	}

	/** Returns the number of bytes in all buffers. */
	long bytes() {
		long bytes = 0;
		for (ByteBuf buffer : this.buffers) {
			bytes += buffer.readableBytes();
		}
		return bytes;
	}

}
