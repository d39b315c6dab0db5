package dev.wspolicy.netty;

import com.jcraft.jzlib.Deflater;
import com.jcraft.jzlib.GZIPException;
import com.jcraft.jzlib.JZlib;
import io.netty.buffer.ByteBuf;

/**
 * Compresses with JZlib, for windows and memory levels that the JDK does not offer.
 */
final class JZlibCompressor implements Compressor {

	private final Deflater deflater;

	/**
	 * Creates a compressor.
	 * @param level the compression level
	 * @param windowBits the size of the window as a power of two, 9 to 15
	 * @param memLevel how much memory the rest may take, 5 to 9
	 */
	JZlibCompressor(int level, int windowBits, int memLevel) {
		try {
			this.deflater = new Deflater(level, windowBits, memLevel, JZlib.W_NONE);
		}
		catch (GZIPException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	@Override
	public void compress(ByteBuf input, int index, int length, ByteBuf output) {
		Zlib.Scratch scratch = Zlib.scratch();
		for (int done = 0; done < length;) {
			int taken = Math.min(length - done, scratch.input().length);
			input.getBytes(index + done, scratch.input(), 0, taken);
			done += taken;
			this.deflater.setInput(scratch.input(), 0, taken, false);
			while (this.deflater.avail_in > 0) {
				deflate(scratch.output(), output, JZlib.Z_NO_FLUSH);
			}
		}
	}

	@Override
	public void flush(ByteBuf output) {
		byte[] scratch = Zlib.scratch().output();
		while (deflate(scratch, output, JZlib.Z_SYNC_FLUSH)) {
			// There may be more
		}
	}

	private boolean deflate(byte[] scratch, ByteBuf output, int flush) {
		this.deflater.setOutput(scratch, 0, scratch.length);
		int result = this.deflater.deflate(flush);
		if (result != JZlib.Z_OK && result != JZlib.Z_BUF_ERROR) {
			throw new IllegalStateException("cannot compress: " + this.deflater.msg);
		}
		FragmentEncoder.makeRoom(output);
		output.writeBytes(scratch, 0, this.deflater.next_out_index);
		return this.deflater.avail_out == 0;
	}

	@Override
	public void recycle() {
		this.deflater.end();
	}

}
