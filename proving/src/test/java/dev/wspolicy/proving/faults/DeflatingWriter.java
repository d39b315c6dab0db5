package dev.wspolicy.proving.faults;

import java.util.Arrays;
import java.util.zip.Deflater;

import dev.wspolicy.testkit.WireFrame;

/**
 * Compresses most messages of a {@link FrameSequence} with permessage-deflate, fragment
 * by fragment.
 */
final class DeflatingWriter implements FrameWriter {

	private static final int RSV1 = 4;

	/** The end of what {@code SYNC_FLUSH} makes, which a message does not carry. */
	private static final int TAIL = 4;

	private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);

	private final byte[] payload = new byte[FrameSequence.LONGEST];

	private final byte[] deflated = new byte[FrameSequence.LONGEST];

	private final boolean masked;

	private final boolean takeover;

	/** Whether the message is compressed whose fragments are being written. */
	private boolean compresses;

	/**
	 * Creates a writer.
	 * @param masked whether a client sends the frames
	 * @param takeover whether messages may refer to earlier ones
	 */
	DeflatingWriter(boolean masked, boolean takeover) {
		this.masked = masked;
		this.takeover = takeover;
	}

	@Override
	public int write(long number, byte[] target, int start) {
		int opcode = FrameSequence.opcode(number);
		if (opcode == WireFrame.BINARY) {
			this.compresses = FrameSequence.mask(number) % 4 != 1;
		}
		if (opcode == WireFrame.PING || !this.compresses) {
			return FrameSequence.write(number, this.masked, target, start);
		}
		WireFrame frame = WireFrame.of(opcode, deflate(number))
			.fin(FrameSequence.isFinal(number))
			.rsv((opcode == WireFrame.BINARY) ? RSV1 : 0);
		byte[] bytes = (this.masked ? frame.mask(FrameSequence.mask(number)) : frame).encode();
		System.arraycopy(bytes, 0, target, start, bytes.length);
		return start + bytes.length;
	}

	private byte[] deflate(long number) {
		int length = FrameSequence.length(number);
		for (int i = 0; i < length; i++) {
			this.payload[i] = FrameSequence.payload(number, i);
		}
		this.deflater.setInput(this.payload, 0, length);
		int made = this.deflater.deflate(this.deflated, 0, this.deflated.length, Deflater.SYNC_FLUSH);
		if (FrameSequence.isFinal(number)) {
			made -= TAIL;
			if (!this.takeover) {
				this.deflater.reset();
			}
		}
		return Arrays.copyOf(this.deflated, made);
	}

}
