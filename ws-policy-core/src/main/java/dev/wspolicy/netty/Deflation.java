package dev.wspolicy.netty;

import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;

/**
 * Compresses what is written to a leg whose peer takes compressed messages
 * (<a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.1">RFC 7692, section
 * 7.2.1</a>). The input are whole frames, in pieces that may end anywhere. Control
 * frames, and messages that are too small to gain by compression, pass unchanged.
 */
final class Deflation {

	private static final int FRAGMENT = 64 * 1024;

	private static final int PIECE = 8 * 1024;

	private static final int COMPRESSED = 0x40;

	/** The length of what a flush ends with, which is cut off the end of each message. */
	private static final int TAIL = 4;

	private final PerMessageDeflate agreement;

	private final FragmentEncoder output;

	private final Consumer<ByteBuf> wire;

	private final WireHeader header = new WireHeader();

	// The frame being written

	private boolean inFrame;

	private boolean compressing;

	private long length;

	private long remaining;

	// The message being written

	/** Whether the message is compressed. */
	private boolean compressed;

	/** Borrowed for one message, or for all. */
	private @Nullable Compressor compressor;

	/** The number of bytes in the output; other threads may see it late. */
	private long held;

	/** Whether the session has ended, as a write may bring about. */
	private boolean disposed;

	Deflation(Side side, PerMessageDeflate agreement, ByteBufAllocator allocator, Consumer<ByteBuf> wire) {
		this.agreement = agreement;
		this.output = new FragmentEncoder(allocator, side == Side.UPSTREAM);
		this.wire = wire;
	}

	/**
	 * Compresses and writes the next bytes.
	 * @param bytes the bytes; this object owns the buffer from now on
	 */
	void write(ByteBuf bytes) {
		try {
			while (!this.disposed && bytes.isReadable()) {
				if (this.inFrame) {
					writePayload(bytes);
				}
				else if (this.header.read(bytes)) {
					startFrame(bytes);
				}
			}
		}
		finally {
			bytes.release();
			this.held = this.output.length();
		}
	}

	/** Releases all memory. Nothing is written afterwards. */
	void dispose() {
		this.disposed = true;
		this.output.release();
		this.held = 0;
		recycleCompressor();
	}

	/**
	 * Returns the number of bytes that have been compressed and not written. From any
	 * thread, which may see a value that is a little old.
	 */
	long held() {
		return this.held;
	}

	private void startFrame(ByteBuf bytes) {
		this.length = this.header.payloadLength();
		this.remaining = this.length;
		if (this.header.beginsMessage()) {
			this.compressed = !this.header.isFin() || this.length >= this.agreement.minSize();
			this.output.startMessage(COMPRESSED | this.header.opcode());
		}
		boolean data = this.header.beginsMessage() || this.header.isContinuation();
		this.compressing = data && this.compressed;
		this.inFrame = true;
		if (!this.compressing) {
			int start = bytes.readerIndex() - this.header.length();
			this.wire
				.accept(this.header.wasSplit() ? this.header.copy() : bytes.retainedSlice(start, this.header.length()));
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
		int index = bytes.readerIndex();
		// Where they are: nobody else reads bytes that have been written.
		Masks.apply(bytes, index, taken, this.header.key(), this.length - this.remaining);
		bytes.skipBytes(taken);
		this.remaining -= taken;
		ByteBuf output = this.output.payload((int) Math.min(this.length, PIECE));
		compressor().compress(bytes, index, taken, output);
		if (output.readableBytes() >= FRAGMENT + TAIL) {
			// The tail may turn out to be the end of the message.
			this.wire.accept(this.output.encodeAllBut(TAIL));
		}
	}

	private void endFrame() {
		this.inFrame = false;
		boolean fin = this.header.isFin();
		if (!this.compressing || this.disposed) {
			return;
		}
		ByteBuf output = this.output.payload(0);
		compressor().flush(output);
		if (fin) {
			cutTail(output);
		}
		this.wire.accept(this.output.encode(fin));
		if (fin && !this.agreement.deflateTakeover()) {
			recycleCompressor();
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

	private Compressor compressor() {
		Compressor compressor = this.compressor;
		if (compressor == null) {
			compressor = Zlib.compressor(this.agreement);
			this.compressor = compressor;
		}
		return compressor;
	}

	private void recycleCompressor() {
		if (this.compressor != null) {
			this.compressor.recycle();
			this.compressor = null;
		}
	}

}
