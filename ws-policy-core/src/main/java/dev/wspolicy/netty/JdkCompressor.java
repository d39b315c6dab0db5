package dev.wspolicy.netty;

import java.util.zip.Deflater;

import io.netty.buffer.ByteBuf;

/**
 * Compresses with the zlib of the JDK, whose window has 32 KB.
 */
final class JdkCompressor implements Compressor {

	private static final byte[] NOTHING = {};

	private final Deflater deflater;

	JdkCompressor(Deflater deflater) {
		this.deflater = deflater;
	}

	@Override
	public void compress(ByteBuf input, int index, int length, ByteBuf output) {
		this.deflater.setInput(input.nioBuffer(index, length));
		while (!this.deflater.needsInput()) {
			deflate(output, Deflater.NO_FLUSH);
		}
		// The memory of the input may be gone by the next call.
		this.deflater.setInput(NOTHING);
	}

	@Override
	public void flush(ByteBuf output) {
		while (deflate(output, Deflater.SYNC_FLUSH)) {
			// There may be more
		}
	}

	private boolean deflate(ByteBuf output, int flush) {
		int room = FragmentEncoder.makeRoom(output);
		int made = this.deflater.deflate(output.internalNioBuffer(output.writerIndex(), room), flush);
		output.writerIndex(output.writerIndex() + made);
		return made == room;
	}

	@Override
	public void recycle() {
		Zlib.recycle(this.deflater);
	}

}
