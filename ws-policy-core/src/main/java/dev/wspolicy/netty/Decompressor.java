package dev.wspolicy.netty;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses a stream of bytes with the zlib of the JDK. If the peer has agreed upon a
 * window that is smaller than zlib's, this object keeps that window between two messages
 * instead of zlib's state. A message that refers further back into earlier ones is then
 * malformed. Within a message, zlib's window applies. Used by one event loop.
 */
final class Decompressor {

	private static final byte[] NOTHING = {};

	/** The end of what has been decompressed; null if zlib keeps it. */
	private final byte @Nullable [] window;

	/** The number of bytes in the window. */
	private int windowLength;

	/** Null between two messages if there is a window. */
	private @Nullable Inflater inflater;

	/** The last input, in which a stream may have ended; empty once it is used up. */
	private ByteBuf input = Unpooled.EMPTY_BUFFER;

	/**
	 * Creates a decompressor.
	 * @param windowLength the length of the window to keep, or 0 to leave that to zlib
	 */
	Decompressor(int windowLength) {
		this.window = (windowLength > 0) ? new byte[windowLength] : null;
	}

	/**
	 * Sets the next input. The previous one has been decompressed, unless a stream has
	 * ended within it.
	 * @param bytes the input; owned by this object from now on
	 */
	void input(ByteBuf bytes) {
		Inflater inflater = inflater();
		releaseInput(inflater);
		this.input = bytes;
		inflater.setInput(bytes.nioBuffer());
	}

	/**
	 * Decompresses some of the input.
	 * @param output the buffer to append to
	 * @param limit the most bytes to append, within the capacity of the buffer
	 * @return how many bytes have been appended
	 * @throws DataFormatException if the input is malformed
	 */
	int decompress(ByteBuf output, int limit) throws DataFormatException {
		Inflater inflater = inflater();
		int start = output.writerIndex();
		int room = Math.min(limit, output.writableBytes());
		int made = inflater.inflate(output.internalNioBuffer(start, room));
		output.writerIndex(start + made);
		if (inflater.needsDictionary()) {
			throw new DataFormatException("a dictionary that was not agreed upon");
		}
		if (this.window != null) {
			remember(this.window, output, start, made);
		}
		if (made == 0 && !inflater.finished() && inflater.needsInput()) {
			releaseInput(inflater);
		}
		return made;
	}

	private void remember(byte[] window, ByteBuf output, int start, int made) {
		int kept = Math.min(this.windowLength, window.length - Math.min(made, window.length));
		System.arraycopy(window, this.windowLength - kept, window, 0, kept);
		int added = Math.min(made, window.length);
		output.getBytes(start + made - added, window, kept, added);
		this.windowLength = kept + added;
	}

	/** Whether the stream has ended, maybe within the input. */
	boolean isFinished() {
		return this.inflater != null && this.inflater.finished();
	}

	/**
	 * Starts a new stream with the rest of the input, after the end of the previous one.
	 * @return whether there is any rest
	 */
	boolean restart() {
		Inflater inflater = inflater();
		int left = inflater.getRemaining();
		inflater.reset();
		this.windowLength = 0;
		if (left == 0) {
			releaseInput(inflater);
			return false;
		}
		inflater.setInput(this.input.nioBuffer(this.input.writerIndex() - left, left));
		return true;
	}

	/** Returns the number of bytes of the input that have not been decompressed. */
	int remaining() {
		return inflater().getRemaining();
	}

	/** Whether there is input left. */
	boolean hasInput() {
		return this.inflater != null && !this.inflater.needsInput();
	}

	/** Ends a message, and keeps what the next one may refer to. */
	void endMessage() {
		if (this.window != null) {
			recycle();
		}
	}

	/** Gives back the memory of zlib. */
	void recycle() {
		if (this.inflater != null) {
			releaseInput(this.inflater);
			Zlib.recycle(this.inflater);
			this.inflater = null;
		}
	}

	private Inflater inflater() {
		Inflater inflater = this.inflater;
		if (inflater == null) {
			inflater = Zlib.inflater();
			if (this.window != null && this.windowLength > 0) {
				inflater.setDictionary(this.window, 0, this.windowLength);
			}
			this.inflater = inflater;
		}
		return inflater;
	}

	/** The inflater must not keep the address of memory that is released. */
	private void releaseInput(Inflater inflater) {
		if (this.input.isReadable()) {
			inflater.setInput(NOTHING);
			this.input.release();
			this.input = Unpooled.EMPTY_BUFFER;
		}
	}

}
