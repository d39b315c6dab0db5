package dev.wspolicy.test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a peer has received and no expectation has taken, in order. Safe from any thread.
 */
final class ReceivedFrames {

	private final Deque<WireFrame> frames = new ArrayDeque<>();

	synchronized void add(WireFrame frame) {
		this.frames.add(frame);
		notifyAll();
	}

	/** Returns a description of each frame. */
	synchronized List<String> describe() {
		return this.frames.stream().map(WireFrame::describe).toList();
	}

	synchronized int size() {
		return this.frames.size();
	}

	/** Takes the next frame. */
	synchronized @Nullable WireFrame nextFrame() {
		return this.frames.poll();
	}

	/** Whether a whole message or a control frame has been received. */
	synchronized boolean hasNext() {
		return next(false) != null;
	}

	/** Takes the next message, whose fragments are joined, or control frame. */
	synchronized @Nullable WireFrame next() {
		return next(true);
	}

	/** Takes the next message or control frame, and waits for it. */
	synchronized @Nullable WireFrame next(long patienceNanos) {
		long deadline = System.nanoTime() + patienceNanos;
		try {
			for (long left = patienceNanos; !hasNext() && left > 0; left = deadline - System.nanoTime()) {
				wait(left / 1_000_000 + 1);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return next();
	}

	/**
	 * Returns what is complete first. Control frames may stand between the fragments of a
	 * message (RFC 6455, section 5.4), which may never be completed.
	 */
	private @Nullable WireFrame next(boolean take) {
		List<WireFrame> fragments = new ArrayList<>();
		for (WireFrame frame : this.frames) {
			if (frame.isControl()) {
				return take(take, List.of(frame));
			}
			fragments.add(frame);
			if (frame.fin()) {
				return take(take, fragments);
			}
		}
		return null;
	}

	private WireFrame take(boolean take, List<WireFrame> complete) {
		if (take) {
			this.frames.removeAll(complete);
		}
		return WireFrame.join(complete);
	}

}
