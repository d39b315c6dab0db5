package dev.wspolicy.proving.faults;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.testkit.WireFrame;

/**
 * Reads a {@link FrameSequence} and compares it byte by byte, until a close frame or the
 * end of the connection.
 */
final class SequenceReader {

	private final InputStream input;

	/** Whether the frames come from a client. */
	private final boolean masked;

	private final byte[] expected = new byte[FrameSequence.LONGEST];

	private byte[] buffer = new byte[256 * 1024];

	private int from;

	private int to;

	private volatile long frames;

	private @Nullable WireFrame close;

	private @Nullable IOException failure;

	SequenceReader(InputStream input, boolean masked) {
		this.input = input;
		this.masked = masked;
	}

	/** Reads to the close frame, or to the end. */
	void readToEnd() {
		try {
			while (this.close == null) {
				while (this.close == null && next()) {
					this.frames++;
				}
				if (this.close == null && !fill()) {
					return;
				}
			}
		}
		catch (IOException ex) {
			this.failure = ex;
		}
	}

	/** Compares a frame, if all of it is there. */
	private boolean next() throws IOException {
		if (this.to - this.from < 2) {
			return false;
		}
		if ((this.buffer[this.from] & 0x0F) == WireFrame.CLOSE) {
			int length = 2 + (this.masked ? 4 : 0) + (this.buffer[this.from + 1] & 0x7F);
			if (this.to - this.from >= length) {
				this.close = WireFrame.read(new ByteArrayInputStream(this.buffer, this.from, length));
				this.from += length;
			}
			return false;
		}
		int length = FrameSequence.write(this.frames, this.masked, this.expected, 0);
		int there = Math.min(length, this.to - this.from);
		int wrong = Arrays.mismatch(this.buffer, this.from, this.from + there, this.expected, 0, there);
		if (wrong >= 0) {
			int end = Math.min(there, wrong + 40);
			byte[] read = Arrays.copyOfRange(this.buffer, this.from + wrong, this.from + end);
			throw new AssertionError("Not frame " + this.frames + " from byte " + wrong + " of " + length + " on: "
					+ Arrays.toString(read) + ", not " + Arrays.toString(Arrays.copyOfRange(this.expected, wrong, end))
					+ "; these bytes are " + FrameSequence.find(read, this.masked));
		}
		if (there < length) {
			return false;
		}
		this.from += length;
		return true;
	}

	private boolean fill() throws IOException {
		if (this.from > 0) {
			System.arraycopy(this.buffer, this.from, this.buffer, 0, this.to - this.from);
			this.to -= this.from;
			this.from = 0;
		}
		int count = this.input.read(this.buffer, this.to, this.buffer.length - this.to);
		this.to += Math.max(0, count);
		return count >= 0;
	}

	/** Returns the number of whole frames, without the close frame. From any thread. */
	long frames() {
		return this.frames;
	}

	@Nullable WireFrame close() {
		return this.close;
	}

	/** Returns what has broken the connection, or {@code null} if it ended in order. */
	@Nullable IOException failure() {
		return this.failure;
	}

	/** Whether the connection has ended within a frame. */
	boolean endedWithinAFrame() {
		return this.close == null && this.to > this.from;
	}

	/** Returns the number in the reason of the close frame. */
	long announced() {
		WireFrame frame = this.close;
		if (frame == null || frame.payload().length <= 2) {
			return -1;
		}
		byte[] payload = frame.payload();
		return Long.parseLong(new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
	}

}
