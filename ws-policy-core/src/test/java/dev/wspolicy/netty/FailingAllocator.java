package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * Runs out of memory, and knows all buffers that it has given out.
 */
public final class FailingAllocator extends AbstractByteBufAllocator {

	private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

	private final List<ByteBuf> buffers = new ArrayList<>();

	private final Runnable step;

	/**
	 * Creates an allocator.
	 * @param step called before each buffer; may throw
	 */
	public FailingAllocator(Runnable step) {
		super(false);
		this.step = step;
	}

	/**
	 * Returns all buffers that have been given out.
	 * @return the buffers, released or not
	 */
	public List<ByteBuf> buffers() {
		return this.buffers;
	}

	/**
	 * Returns a buffer as a channel reads it, whatever the step says.
	 * @param capacity how many bytes it has room for
	 * @return the buffer
	 */
	public ByteBuf untouched(int capacity) {
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
