package dev.wspolicy.proving.faults;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

import dev.wspolicy.testkit.WireFrame;

/**
 * Demands the messages and pings of the sequence, each in its order. Messages may be
 * compressed, and fragmented in another way, and a ping may overtake the message between
 * whose fragments it was sent, as one does that is held for a policy.
 */
final class PayloadComparison implements SequenceComparison {

	private static final int RSV1 = 4;

	/** What ends a message for the inflater. */
	private static final byte[] TAIL = { 0, 0, -1, -1 };

	private final Inflater inflater = new Inflater(true);

	private final byte[] inflated = new byte[16 * 1024];

	/** The frame of the sequence to which the next byte of a message belongs. */
	private long data = FrameSequence.nextData(0);

	/** How many bytes of its payload have come. */
	private int index;

	/** The next ping. */
	private long ping = FrameSequence.nextPing(0);

	private boolean open;

	private boolean compressed;

	private volatile long frames;

	@Override
	public int compare(byte[] buffer, int from, int to) throws IOException {
		int length = length(buffer, from, to);
		if (length > to - from) {
			return from;
		}
		WireFrame frame = WireFrame.read(new ByteArrayInputStream(buffer, from, length));
		if (frame.opcode() == WireFrame.PING) {
			comparePing(frame.payload());
		}
		else {
			compareData(frame);
		}
		return from + length;
	}

	/** Returns the length of a frame, or more than is there if that does not tell. */
	private static int length(byte[] buffer, int from, int to) {
		if (to - from < 10) {
			return (to - from >= 2 && (buffer[from + 1] & 0x7F) < 126) ? headerAnd(buffer, from, 0) : Integer.MAX_VALUE;
		}
		return headerAnd(buffer, from, switch (buffer[from + 1] & 0x7F) {
			case 126 -> 2;
			case 127 -> 8;
			default -> 0;
		});
	}

	private static int headerAnd(byte[] buffer, int from, int extended) {
		long payload = buffer[from + 1] & 0x7F;
		if (extended > 0) {
			payload = 0;
			for (int i = 0; i < extended; i++) {
				payload = payload << 8 | buffer[from + 2 + i] & 0xFF;
			}
		}
		require(payload <= FrameSequence.LONGEST, "a frame of " + payload + " bytes");
		return 2 + extended + ((buffer[from + 1] < 0) ? 4 : 0) + (int) payload;
	}

	private void comparePing(byte[] payload) {
		for (int i = 0; i < payload.length; i++) {
			require(payload[i] == FrameSequence.payload(this.ping, i), "ping " + this.ping);
		}
		require(payload.length == FrameSequence.length(this.ping), "ping " + this.ping);
		this.ping = FrameSequence.nextPing(this.ping + 1);
		this.frames++;
	}

	private void compareData(WireFrame frame) {
		if (frame.opcode() == WireFrame.CONTINUATION) {
			require(this.open, "a continuation of no message");
		}
		else {
			require(!this.open, "a message within a message");
			require(this.index == 0 && FrameSequence.opcode(this.data) == frame.opcode(), "a message at " + this.data);
			this.compressed = frame.rsv() == RSV1;
			this.open = true;
		}
		if (this.compressed) {
			inflate(frame.payload());
			if (frame.fin()) {
				inflate(TAIL);
			}
		}
		else {
			comparePayload(frame.payload(), frame.payload().length);
		}
		if (frame.fin()) {
			// It must be the end of a message of the sequence, too.
			require(this.index == 0 && FrameSequence.opcode(this.data) == WireFrame.BINARY, "an end at " + this.data);
			this.open = false;
		}
	}

	private void inflate(byte[] bytes) {
		this.inflater.setInput(bytes);
		try {
			int made = this.inflater.inflate(this.inflated);
			while (made > 0) {
				comparePayload(this.inflated, made);
				made = this.inflater.inflate(this.inflated);
			}
			require(this.inflater.needsInput(), "more than compressed data");
		}
		catch (DataFormatException ex) {
			throw new AssertionError("Malformed compressed data in frame " + this.data, ex);
		}
	}

	private void comparePayload(byte[] bytes, int length) {
		for (int i = 0; i < length; i++) {
			if (bytes[i] != FrameSequence.payload(this.data, this.index)) {
				throw new AssertionError("Not byte " + this.index + " of frame " + this.data + ": " + bytes[i]);
			}
			if (++this.index == FrameSequence.length(this.data)) {
				this.index = 0;
				this.data = FrameSequence.nextData(this.data + 1);
				this.frames++;
			}
		}
	}

	private static void require(boolean condition, String what) {
		if (!condition) {
			throw new AssertionError("Not expected: " + what);
		}
	}

	@Override
	public long frames() {
		return this.frames;
	}

}
