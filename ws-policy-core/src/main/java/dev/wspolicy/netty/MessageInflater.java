package dev.wspolicy.netty;

import java.util.zip.DataFormatException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Inflates the payload of one compressed message after another
 * (<a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.2">RFC 7692, section
 * 7.2.2</a>).
 */
final class MessageInflater {

	/** The most bytes that one call of {@link #inflate} adds. */
	static final int PIECE = 8 * 1024;

	/** The number of bytes that the sender has cut off the end of each message. */
	private static final int TAIL = 4;

	/**
	 * The bytes that the sender has cut off the end of each message, and some empty
	 * blocks. All this inflates to nothing, unless the message was cut within a block:
	 * the rest of its code tables, which are the longest thing that inflates to nothing
	 * by itself, takes up less than these blocks.
	 */
	private static final byte[] END = end(64);

	/** Whether a message may refer to earlier ones. */
	private final boolean takeover;

	/** The length of the window to keep; 0 if zlib keeps it. */
	private final int window;

	/** Created with the first input of a message, or of all messages. */
	private @Nullable Decompressor decompressor;

	/** Whether there has been no input since the end of a block. */
	private boolean betweenBlocks;

	/** Whether the end that the sender has cut off was the last input. */
	private boolean endGiven;

	MessageInflater(PerMessageDeflate agreement) {
		this.takeover = agreement.inflateTakeover();
		boolean small = this.takeover && agreement.inflateWindow() < PerMessageDeflate.MAX_WINDOW;
		this.window = small ? 1 << agreement.inflateWindow() : 0;
	}

	void startMessage() {
		this.betweenBlocks = true;
		this.endGiven = false;
	}

	/**
	 * Inflates the next piece of the input.
	 * @param output the buffer to write to, which has room for some bytes
	 * @return the number of bytes written; 0 if all input has been inflated
	 * @throws DataFormatException if the input is malformed
	 */
	int inflate(ByteBuf output) throws DataFormatException {
		Decompressor decompressor = decompressor();
		int made = decompressor.decompress(output, PIECE);
		if (this.endGiven && (made > 0 || isCutWithinFinalBlock(decompressor))) {
			throw new DataFormatException("the message ends within a block");
		}
		return made;
	}

	/** The empty block whose end the sender has cut off may be a final one. */
	private static boolean isCutWithinFinalBlock(Decompressor decompressor) {
		return decompressor.isFinished() && decompressor.remaining() != END.length - TAIL;
	}

	/**
	 * Continues after the end of a stream: a sender may end its stream within a message
	 * and begin another one (section 7.2.3.4).
	 * @return whether there is input left to inflate
	 */
	boolean continueStream() {
		Decompressor decompressor = decompressor();
		if (!decompressor.isFinished()) {
			return false;
		}
		boolean left = decompressor.restart();
		this.betweenBlocks = !left;
		return left;
	}

	/**
	 * Sets the next input.
	 * @param payload a part of the payload, unmasked; this object owns it from now on
	 */
	void input(ByteBuf payload) {
		this.betweenBlocks = false;
		decompressor().input(payload);
	}

	/**
	 * Sets the end of the message as the next input.
	 * @return whether the message needs it, and has not had it
	 */
	boolean inputEnd() {
		if (this.endGiven || this.betweenBlocks) {
			return false;
		}
		this.endGiven = true;
		decompressor().input(Unpooled.wrappedBuffer(END));
		return true;
	}

	void endMessage() {
		this.endGiven = false;
		if (!this.takeover) {
			release();
		}
		else if (this.decompressor != null) {
			this.decompressor.endMessage();
		}
	}

	/** Whether there is input left to inflate. */
	boolean hasInput() {
		return this.decompressor != null && this.decompressor.hasInput();
	}

	/** Gives back the memory, and forgets all messages so far. */
	void release() {
		if (this.decompressor != null) {
			this.decompressor.recycle();
			this.decompressor = null;
		}
	}

	private Decompressor decompressor() {
		Decompressor decompressor = this.decompressor;
		if (decompressor == null) {
			decompressor = new Decompressor(this.window);
			this.decompressor = decompressor;
		}
		return decompressor;
	}

	private static byte[] end(int emptyBlocks) {
		byte[] end = new byte[TAIL + 5 * emptyBlocks];
		for (int i = TAIL; i <= end.length; i += 5) {
			end[i - 2] = -1;
			end[i - 1] = -1;
		}
		return end;
	}

}
