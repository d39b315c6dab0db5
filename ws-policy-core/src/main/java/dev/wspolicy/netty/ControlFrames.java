package dev.wspolicy.netty;

import java.util.Arrays;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads the control frames of one direction, and forwards them if the relay says so: from
 * where they arrived if possible, otherwise encoded again with the same key.
 */
final class ControlFrames implements CollectedBytes {

	private static final int MAX_PAYLOAD = 125;

	/** In place of the index of a frame that is split between buffers. */
	static final int SPLIT = -1;

	private final FrameScanner scanner;

	private final FlowControl flow;

	/** The index of the frame in the buffer being scanned, or {@link #SPLIT}. */
	private int start;

	/** The index behind the frame. */
	private int end;

	/** The payload of a frame that is split between buffers; allocated with the first. */
	private byte @Nullable [] split;

	private int splitLength;

	/**
	 * Whether the frame lies where it arrived: not if it is split, and only until the
	 * call returns that reports it to the relay.
	 */
	private boolean inPlace;

	ControlFrames(FrameScanner scanner, FlowControl flow) {
		this.scanner = scanner;
		this.flow = flow;
	}

	/**
	 * Starts with a frame.
	 * @param start the index of its header in the buffer being scanned, or {@link #SPLIT}
	 */
	void startFrame(int start) {
		this.start = start;
		this.splitLength = 0;
	}

	/**
	 * Reads the next piece of a frame's payload.
	 * @param in the buffer being scanned, with the piece
	 * @param from the index of its first byte
	 * @param length the number of its bytes
	 * @return the frame, or {@code null} if it is not complete
	 */
	@Nullable WirePayload read(ByteBuf in, int from, int length) {
		int payloadLength = (int) this.scanner.header().payloadLength();
		if (length < payloadLength) {
			this.start = SPLIT;
		}
		byte[] payload;
		if (this.start != SPLIT) {
			payload = new byte[payloadLength];
			in.getBytes(from, payload);
			this.end = from + length;
			this.inPlace = true;
		}
		else {
			byte[] split = split();
			in.getBytes(from, split, this.splitLength, length);
			this.splitLength += length;
			if (this.splitLength < payloadLength) {
				return null;
			}
			payload = Arrays.copyOf(split, payloadLength);
		}
		Masks.apply(payload, 0, payloadLength, this.scanner.newKey(), 0);
		return new WirePayload(payload, this);
	}

	private byte[] split() {
		byte[] split = this.split;
		if (split == null) {
			split = new byte[MAX_PAYLOAD];
			this.split = split;
		}
		return split;
	}

	/** Called when that call has returned. */
	void endCall() {
		this.inPlace = false;
	}

	@Override
	public WirePayload message(WirePayload frame) {
		return frame;
	}

	@Override
	public void forward(WirePayload frame) {
		if (this.inPlace) {
			this.scanner.forward(this.start, this.end);
		}
		else {
			// The direction is suspended until now: the header is still that of the
			// frame.
			WireHeader header = this.scanner.header();
			this.scanner.writeForwarded();
			LegWriter target = this.scanner.target();
			target.write(FrameEncoder.encode(target.allocator(), header.firstByte(), frame.bytes(), frame.length(),
					header.isMasked(), this.scanner.newKey()));
			this.flow.onWrite();
		}
		frame.release();
	}

	@Override
	public void drop(WirePayload frame) {
		frame.release();
	}

	@Override
	public void keep(WirePayload frame) {
		throw new IllegalStateException("a control frame has no fragments");
	}

}
