package dev.wspolicy.proving.fuzz;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * Allocates buffers and counts their bytes.
 */
final class CountedMemory extends AbstractByteBufAllocator {

	private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

	private long most;

	@Override
	public boolean isDirectBufferPooled() {
		return false;
	}

	@Override
	protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
		return counted(this.allocator.heapBuffer(initialCapacity, maxCapacity));
	}

	@Override
	protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
		return counted(this.allocator.directBuffer(initialCapacity, maxCapacity));
	}

	private ByteBuf counted(ByteBuf buffer) {
		this.most = Math.max(this.most, used());
		return buffer;
	}

	/** Returns how many bytes the buffers have that have not been released. */
	long used() {
		return this.allocator.metric().usedHeapMemory() + this.allocator.metric().usedDirectMemory();
	}

	/** Returns the most bytes that there were when a buffer was allocated. */
	long most() {
		return this.most;
	}

}
