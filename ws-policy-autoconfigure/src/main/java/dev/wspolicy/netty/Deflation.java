package dev.wspolicy.netty;

import java.util.function.Consumer;
import java.util.zip.Deflater;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.Side;

/**
 * Stands behind the writer of a leg whose peer takes compressed messages
 * (<a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.1">RFC 7692, section
 * 7.2.1</a>): whole frames go in, in pieces that may end anywhere, and compressed ones
 * come out. Control frames, and messages that are too small to gain by it, go through as
 * they are.
 */
final class Deflation {

	private static final int FRAGMENT = 64 * 1024;

	private static final int PIECE = 8 * 1024;

	private static final int FIN = 0x80;

	private static final int COMPRESSED = 0x40;

	/** What a flush ends with; it is cut off the end of each message. */
	private static final int TAIL = 4;

	private final Side side;

	private final PerMessageDeflate agreement;

	private final ByteBufAllocator allocator;

	private final Consumer<ByteBuf> wire;

	private final WireHeader header = new WireHeader();

	// The frame being written

	private boolean inFrame;

	private boolean compressing;

	private long length;

	private long remaining;

	// The message being written

	/** It is compressed. */
	private boolean compressed;

	/** What its next fragment on the wire begins with. */
	private int firstByte;

	private @Nullable Deflater deflater;

	private @Nullable ByteBuf output;

	/** The bytes of the output; other threads may see it late. */
	private long held;

	Deflation(Side side, PerMessageDeflate agreement, ByteBufAllocator allocator, Consumer<ByteBuf> wire) {
		this.side = side;
		this.agreement = agreement;
		this.allocator = allocator;
		this.wire = wire;
	}

	/**
	 * Write bytes of frames.
	 * @param bytes the bytes, owned from now on
	 */
	void write(ByteBuf bytes) {
		try {
			while (bytes.isReadable()) {
				if (this.inFrame) {
					writePayload(bytes);
				}
				else if (this.header.read(bytes)) {
					startFrame();
				}
			}
		}
		finally {
			bytes.release();
			this.held = (this.output != null) ? this.output.readableBytes() : 0;
		}
	}

	/** Give back all memory; nothing is written any more. */
	void dispose() {
		if (this.output != null) {
			this.output.release();
			this.output = null;
		}
		this.held = 0;
		giveBackDeflater();
	}

	/**
	 * How many bytes it has made and not written. From any thread, which may be a little
	 * behind.
	 */
	long held() {
		return this.held;
	}

	private void startFrame() {
		this.length = this.header.payloadLength();
		this.remaining = this.length;
		if (this.header.beginsMessage()) {
			this.compressed = !this.header.fin() || this.length >= this.agreement.minSize();
			this.firstByte = COMPRESSED | this.header.opcode();
		}
		boolean data = this.header.beginsMessage() || this.header.isContinuation();
		this.compressing = data && this.compressed;
		this.inFrame = true;
		if (!this.compressing) {
			this.wire.accept(this.header.copy());
		}
		if (this.remaining == 0) {
			endFrame();
		}
	}

	private void writePayload(ByteBuf bytes) {
		int taken = (int) Math.min(this.remaining, bytes.readableBytes());
		if (this.compressing) {
			compress(bytes, Math.min(taken, PIECE));
		}
		else {
			this.remaining -= taken;
			this.wire.accept(bytes.readRetainedSlice(taken));
		}
		if (this.remaining == 0) {
			endFrame();
		}
	}

	private void compress(ByteBuf bytes, int taken) {
		byte[] piece = new byte[taken];
		bytes.readBytes(piece);
		Masks.apply(piece, 0, taken, this.header.key(), this.length - this.remaining);
		this.remaining -= taken;
		Deflater deflater = deflater();
		deflater.setInput(piece);
		ByteBuf output = output();
		while (!deflater.needsInput()) {
			deflate(deflater, output, Deflater.NO_FLUSH);
		}
		if (output.readableBytes() >= FRAGMENT + TAIL) {
			spill(output);
		}
	}

	/** Write what there is but for its end, which may have to be cut off. */
	private void spill(ByteBuf output) {
		ByteBuf rest = FrameEncoder.payload(this.allocator);
		rest.writeBytes(output, output.writerIndex() - TAIL, TAIL);
		output.writerIndex(output.writerIndex() - TAIL);
		writeFragment(output, false);
		this.output = rest;
	}

	private void endFrame() {
		this.inFrame = false;
		boolean fin = this.header.fin();
		this.header.clear();
		if (!this.compressing) {
			return;
		}
		ByteBuf output = output();
		Deflater deflater = deflater();
		while (deflate(deflater, output, Deflater.SYNC_FLUSH) == PIECE) {
			// There may be more.
		}
		if (fin) {
			cutTail(output);
		}
		writeFragment(output, fin);
		if (fin && !this.agreement.deflateTakeover()) {
			giveBackDeflater();
		}
	}

	private static void cutTail(ByteBuf output) {
		int end = output.writerIndex();
		if (output.readableBytes() >= TAIL && output.getInt(end - TAIL) == 0xFFFF) {
			output.writerIndex(end - TAIL);
		}
		if (!output.isReadable()) {
			// An empty block (section 7.2.3.6).
			output.writeByte(0);
		}
	}

	private static int deflate(Deflater deflater, ByteBuf output, int flush) {
		output.ensureWritable(PIECE);
		int made = deflater.deflate(output.nioBuffer(output.writerIndex(), PIECE), flush);
		output.writerIndex(output.writerIndex() + made);
		return made;
	}

	private void writeFragment(ByteBuf output, boolean fin) {
		int first = this.firstByte | (fin ? FIN : 0);
		this.firstByte = FrameType.CONTINUATION.opcode();
		this.output = null;
		this.wire.accept(FrameEncoder.frame(output, first, this.side == Side.UPSTREAM));
	}

	private ByteBuf output() {
		ByteBuf output = this.output;
		if (output == null) {
			output = FrameEncoder.payload(this.allocator);
			this.output = output;
		}
		return output;
	}

	private Deflater deflater() {
		Deflater deflater = this.deflater;
		if (deflater == null) {
			deflater = Zlib.deflater(this.agreement.level());
			this.deflater = deflater;
		}
		return deflater;
	}

	private void giveBackDeflater() {
		if (this.deflater != null) {
			Zlib.giveBack(this.deflater);
			this.deflater = null;
		}
	}

}
