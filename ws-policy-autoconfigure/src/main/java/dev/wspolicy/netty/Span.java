package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A run of payload bytes in a buffer, still masked if they came masked, and the run that
 * follows it. Does not own the buffer: the bytes are held elsewhere for as long as a
 * payload over them can be read.
 */
final class Span {

	private final ByteBuf buffer;

	private final int index;

	private int length;

	private final int key;

	private final long phase;

	private @Nullable Span next;

	Span(ByteBuf buffer, int index, int length, int key, long phase) {
		this.buffer = buffer;
		this.index = index;
		this.length = length;
		this.key = key;
		this.phase = phase;
	}

	void append(Span next) {
		this.next = next;
	}

	/**
	 * Take over a run that continues this one: the next bytes of the same payload, next
	 * to it in the same buffer.
	 * @param other the other run
	 * @return whether it does, and has been taken over
	 */
	@SuppressWarnings("ReferenceEquality")
	boolean merge(Span other) {
		boolean continues = other.buffer == this.buffer && other.index == this.index + this.length
				&& other.key == this.key && other.phase == this.phase + this.length;
		if (continues) {
			this.length += other.length;
		}
		return continues;
	}

	/**
	 * Copy this run and those that follow, unmasked.
	 * @param span the first run, or {@code null} for none
	 * @param target where to
	 * @param length how many bytes to copy at most
	 */
	static void copy(@Nullable Span span, byte[] target, int length) {
		int offset = 0;
		for (Span run = span; run != null && offset < length; run = run.next) {
			int copied = Math.min(run.length, length - offset);
			run.buffer.getBytes(run.index, target, offset, copied);
			if (run.key != 0) {
				Masks.apply(target, offset, copied, run.key, run.phase);
			}
			offset += copied;
		}
	}

}
