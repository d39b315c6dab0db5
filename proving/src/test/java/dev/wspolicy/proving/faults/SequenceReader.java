package dev.wspolicy.proving.faults;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

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

	private final SequenceComparison comparison;

	private byte[] buffer = new byte[256 * 1024];

	private int from;

	private int to;

	private @Nullable WireFrame close;

	private @Nullable IOException failure;

	SequenceReader(InputStream input, boolean masked, SequenceComparison comparison) {
		this.input = input;
		this.masked = masked;
		this.comparison = comparison;
	}

	/** Reads to the close frame, or to the end. */
	void readToEnd() {
		try {
			while (this.close == null) {
				boolean more = true;
				while (this.close == null && more) {
					more = next();
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
		int next = this.comparison.compare(this.buffer, this.from, this.to);
		boolean complete = next > this.from;
		this.from = next;
		return complete;
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
		return this.comparison.frames();
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
