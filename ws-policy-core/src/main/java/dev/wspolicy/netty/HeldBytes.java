package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a frame, or of a message so far, that are held for policies.
 * <p>
 * What is held of the buffer being scanned is one range of it, which becomes a slice only
 * if the buffer ends before the bytes are forwarded or dropped. A slice keeps its whole
 * buffer in memory, so the bytes are copied to a compaction buffer instead where they are
 * too small a part of it.
 */
final class HeldBytes implements CollectedBytes {

	private final FrameScanner scanner;

	/** Takes small parts; created with the first. */
	private @Nullable CompactionBuffer compactionBuffer;

	/** What is held of earlier buffers, in wire order; created with the first. */
	private List<ByteBuf> buffers = Collections.emptyList();

	/** The start of the range that is held of the buffer being scanned. */
	private int from;

	/** Its end: that of the start if nothing is held of that buffer. */
	private int to;

	/** The payload of all held frames; null if it is empty. */
	private @Nullable MaskedSlice slices;

	private @Nullable MaskedSlice lastSlice;

	/** The payload of the frame that was begun last; null if it is empty. */
	private @Nullable MaskedSlice frameSlices;

	/** The payload length of all complete frames. */
	private int payloadLength;

	/** The number of bytes in the buffers, headers included. */
	private long bytes;

	/** The memory that the buffers keep allocated. */
	private long memory;

	/**
	 * The buffer of which the last of the buffers is a small slice, because a policy was
	 * reading it; copied once that policy has given its verdict.
	 */
	private @Nullable ByteBuf uncompacted;

	private int uncompactedFrom;

	/** The payload of all held frames; null until the relay asks for it. */
	private @Nullable WirePayload message;

	/** Whether the relay has yet to decide about the last frame. */
	private boolean unsettled;

	HeldBytes(FrameScanner scanner) {
		this.scanner = scanner;
	}

	/**
	 * Starts with a frame.
	 * @param header its header
	 * @param key the key that it leaves with
	 * @param in the buffer being scanned, in which the header ends
	 * @param start the index of the header, unless it was split
	 * @param end the index behind it
	 */
	void startFrame(WireHeader header, int key, ByteBuf in, int start, int end) {
		this.frameSlices = null;
		if (!header.wasSplit()) {
			hold(in, start, end);
			return;
		}
		ByteBuf copy = header.copy(key);
		int length = copy.readableBytes();
		if (this.compactionBuffer != null && this.compactionBuffer.isInUse()) {
			compactionBuffer(length).writeBytes(copy);
			copy.release();
		}
		else {
			buffers().add(copy);
			this.memory += length;
		}
		this.bytes += length;
	}

	/**
	 * Holds the next piece of a payload.
	 * @param in the buffer being scanned, with the piece
	 * @param start the index of its first byte
	 * @param length the number of its bytes
	 * @param key the key that it is masked with
	 * @param phase the number of payload bytes before it
	 * @param last whether the frame ends with it
	 * @param headerLength the length of the frame's header
	 */
	void append(ByteBuf in, int start, int length, int key, long phase, boolean last, int headerLength) {
		boolean whole = phase == 0 && last;
		if ((whole && this.lastSlice == null) || isWorthItsBuffer(in, this.to - this.from + length)) {
			hold(in, start, start + length);
			append(new MaskedSlice(in, start, length, key, phase));
			return;
		}
		boolean headerHeld = phase == 0 && this.from < this.to && this.to == start;
		int header = headerHeld ? headerLength : 0;
		this.to -= header;
		leaveBuffer(in, false);
		ByteBuf compactionBuffer = compactionBuffer(header + length);
		compactionBuffer.writeBytes(in, start - header, header);
		int index = compactionBuffer.writerIndex();
		compactionBuffer.writeBytes(in, start, length);
		this.bytes += header + length;
		append(new MaskedSlice(compactionBuffer, index, length, key, phase));
	}

	private void append(MaskedSlice slice) {
		if (this.frameSlices == null) {
			this.frameSlices = slice;
		}
		if (this.lastSlice == null) {
			this.slices = slice;
		}
		else if (this.lastSlice.merge(slice)) {
			return;
		}
		else {
			this.lastSlice.append(slice);
		}
		this.lastSlice = slice;
	}

	/** Completes a frame, and returns the handle that decides about it. */
	WirePayload endFrame(int length) {
		this.payloadLength += length;
		this.unsettled = true;
		return new WirePayload(this.frameSlices, length, this);
	}

	/** Returns the payload length of all complete frames. */
	int payloadLength() {
		return this.payloadLength;
	}

	/** Returns the memory that the buffers keep allocated. */
	long memory() {
		return this.memory;
	}

	private void hold(ByteBuf in, int start, int end) {
		if (this.from == this.to) {
			this.from = start;
		}
		else if (this.to != start) {
			leaveBuffer(in, false);
			this.from = start;
		}
		this.to = end;
	}

	/**
	 * Keeps what is held of the buffer being scanned, which may be released afterwards.
	 * @param in the buffer
	 * @param beingRead whether a policy may be reading what is held, so that it must stay
	 * where it is
	 */
	void leaveBuffer(ByteBuf in, boolean beingRead) {
		int start = this.from;
		int length = this.to - start;
		if (length == 0) {
			return;
		}
		this.from = 0;
		this.to = 0;
		boolean worth = isWorthItsBuffer(in, length);
		if (!worth && !beingRead) {
			copy(in, start, length);
			return;
		}
		buffers().add(in.retainedSlice(start, length));
		this.memory += CompactionBuffer.memoryOf(in);
		this.bytes += length;
		if (worth) {
			closeCompactionBuffer();
		}
		else {
			this.uncompacted = in;
			this.uncompactedFrom = start;
		}
	}

	/**
	 * Whether a part of a buffer may keep that buffer: if neither the part nor all that
	 * is held takes up more than four times its length.
	 */
	private boolean isWorthItsBuffer(ByteBuf in, int length) {
		if (length < CompactionBuffer.SMALL) {
			return false;
		}
		int memory = CompactionBuffer.memoryOf(in);
		return length >= memory / 4 && this.memory + memory <= 4 * (this.bytes + length);
	}

	/** Copies what had to stay where it was. No policy is reading it any more. */
	void compact() {
		ByteBuf buffer = this.uncompacted;
		if (buffer == null) {
			return;
		}
		this.uncompacted = null;
		ByteBuf slice = this.buffers.remove(this.buffers.size() - 1);
		int length = slice.readableBytes();
		this.memory -= CompactionBuffer.memoryOf(slice);
		this.bytes -= length;
		try {
			copy(buffer, this.uncompactedFrom, length);
		}
		finally {
			slice.release();
		}
	}

	private void copy(ByteBuf in, int start, int length) {
		ByteBuf compactionBuffer = compactionBuffer(length);
		int shift = compactionBuffer.writerIndex() - start;
		compactionBuffer.writeBytes(in, start, length);
		this.bytes += length;
		if (this.lastSlice != null) {
			// All earlier slices are copied already, or worth their buffer.
			this.lastSlice.move(in, compactionBuffer, shift);
		}
	}

	private ByteBuf compactionBuffer(int needed) {
		if (this.compactionBuffer == null) {
			this.compactionBuffer = new CompactionBuffer(this.scanner.target().allocator());
		}
		int before = this.buffers.size();
		ByteBuf buffer = this.compactionBuffer.withRoomFor(needed, buffers());
		if (this.buffers.size() > before) {
			this.memory += buffer.capacity();
		}
		return buffer;
	}

	private void closeCompactionBuffer() {
		if (this.compactionBuffer != null) {
			this.compactionBuffer.close();
		}
	}

	private List<ByteBuf> buffers() {
		if (!(this.buffers instanceof ArrayList)) {
			this.buffers = new ArrayList<>();
		}
		return this.buffers;
	}

	// What becomes of a frame

	/** Whether the relay has yet to decide about the last frame. */
	boolean isUnsettled() {
		return this.unsettled;
	}

	@Override
	public WirePayload message(WirePayload frame) {
		if (this.payloadLength == frame.length()) {
			return frame;
		}
		if (this.message == null) {
			this.message = new WirePayload(this.slices, this.payloadLength, this);
		}
		return this.message;
	}

	@Override
	public void forward(WirePayload frame) {
		settle(frame);
		if (!this.buffers.isEmpty()) {
			this.scanner.writeForwarded();
			writeBuffers();
		}
		if (this.from < this.to) {
			this.scanner.forward(this.from, this.to);
		}
		release();
	}

	private void writeBuffers() {
		for (int i = 0; i < this.buffers.size(); i++) {
			// A write may end the session, which then releases the others.
			this.scanner.target().write(this.buffers.set(i, Unpooled.EMPTY_BUFFER));
		}
		this.buffers.clear();
	}

	@Override
	public void drop(WirePayload frame) {
		settle(frame);
		release();
	}

	@Override
	public void keep(WirePayload frame) {
		settle(frame);
	}

	/** Releases the payloads, so that nobody reads the bytes any more. */
	private void settle(WirePayload frame) {
		this.unsettled = false;
		frame.release();
		if (this.message != null) {
			this.message.release();
			this.message = null;
		}
	}

	/** Releases the buffers. Nothing is held afterwards. */
	void release() {
		if (!this.buffers.isEmpty()) {
			this.buffers.forEach(ByteBuf::release);
			this.buffers.clear();
		}
		this.from = 0;
		this.to = 0;
		this.slices = null;
		this.lastSlice = null;
		this.frameSlices = null;
		closeCompactionBuffer();
		this.uncompacted = null;
		this.memory = 0;
		this.bytes = 0;
		this.payloadLength = 0;
	}

}
