package dev.wspolicy.relay;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.Predicate;

import dev.wspolicy.frame.Frame;

/**
 * Frames that the gateway inserts, and that wait for the end of the frame or message that
 * is half written.
 */
final class WaitingFrames {

	/**
	 * The memory that a waiting frame takes up besides its payload, about as much as for
	 * one that is being written.
	 */
	private static final int OVERHEAD = 96;

	private final Deque<Frame> frames = new ArrayDeque<>();

	private long bytes;

	void add(Frame frame) {
		this.frames.add(frame.copy());
		this.bytes += frame.length();
	}

	/**
	 * Removes the frames that need not wait any more, in order, and sends each of them.
	 */
	void send(Predicate<Frame> allowed, Consumer<Frame> sender) {
		this.frames.removeIf((frame) -> {
			if (!allowed.test(frame)) {
				return false;
			}
			this.bytes -= frame.length();
			sender.accept(frame);
			return true;
		});
	}

	/** The payload bytes of the frames. */
	long bytes() {
		return this.bytes;
	}

	/** The memory that the frames take up, empty ones too. */
	long memory() {
		return this.bytes + (long) OVERHEAD * this.frames.size();
	}

}
