package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * Runs out of memory, and knows all buffers that it has given out.
 */
final class FailingAllocator extends AbstractByteBufAllocator {

	private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

	private final List<ByteBuf> buffers = new ArrayList<>();

	private final Runnable step;

	FailingAllocator(Runnable step) {
		super(false);
		this.step = step;
	}

	List<ByteBuf> buffers() {
		return this.buffers;
	}

	/** A buffer as a channel reads it. */
	ByteBuf untouched(int capacity) {
		return known(this.allocator.heapBuffer(Math.max(2048, capacity)));
	}

	@Override
	protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
		this.step.run();
		return known(this.allocator.heapBuffer(initialCapacity, maxCapacity));
	}

	@Override
	protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
		this.step.run();
		return known(this.allocator.directBuffer(initialCapacity, maxCapacity));
	}

	@Override
	public boolean isDirectBufferPooled() {
		return false;
	}

	private ByteBuf known(ByteBuf buffer) {
		this.buffers.add(buffer);
		return buffer;
	}

}
