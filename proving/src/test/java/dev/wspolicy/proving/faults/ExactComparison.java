package dev.wspolicy.proving.faults;

import java.util.Arrays;

/**
 * Demands the very frames of the sequence, byte for byte apart from their masks.
 */
final class ExactComparison implements SequenceComparison {

	/** Whether the frames come from a client. */
	private final boolean masked;

	private final byte[] expected = new byte[FrameSequence.LONGEST];

	private volatile long frames;

	ExactComparison(boolean masked) {
		this.masked = masked;
	}

	@Override
	public int compare(byte[] buffer, int from, int to) {
		int length = FrameSequence.write(this.frames, this.masked, this.expected, 0);
		int there = Math.min(length, to - from);
		int wrong = Arrays.mismatch(buffer, from, from + there, this.expected, 0, there);
		if (wrong >= 0) {
			int end = Math.min(there, wrong + 40);
			byte[] read = Arrays.copyOfRange(buffer, from + wrong, from + end);
			throw new AssertionError("Not frame " + this.frames + " from byte " + wrong + " of " + length + " on: "
					+ Arrays.toString(read) + ", not " + Arrays.toString(Arrays.copyOfRange(this.expected, wrong, end))
					+ "; these bytes are " + FrameSequence.find(read, this.masked));
		}
		if (there < length) {
			return from;
		}
		this.frames++;
		return from + length;
	}

	@Override
	public long frames() {
		return this.frames;
	}

}
