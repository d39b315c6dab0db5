package dev.wspolicy.netty;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Inflates the payload of one compressed message after another
 * (<a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.2">RFC 7692, section
 * 7.2.2</a>).
 */
final class MessageInflater {

	/** The most bytes that one call of {@link #inflate} adds. */
	static final int PIECE = 8 * 1024;

	/**
	 * The bytes that the sender has cut off the end of each message, and some empty
	 * blocks. All this inflates to nothing, unless the message was cut within a block:
	 * the rest of its code tables, which are the longest thing that inflates to nothing
	 * by itself, takes up less than these blocks.
	 */
	private static final byte[] END = end(64);

	private static final byte[] NOTHING = {};

	/** Whether a message may refer to earlier ones. */
	private final boolean takeover;

	/** Borrowed with the first input of a message, or of all messages. */
	private @Nullable Inflater inflater;

	/** The last input of the inflater. */
	private byte[] input = NOTHING;

	/** Whether the inflater has had no input since the end of a block. */
	private boolean betweenBlocks;

	/** Whether the end that the sender has cut off was the last input. */
	private boolean endGiven;

	MessageInflater(boolean takeover) {
		this.takeover = takeover;
	}

	void startMessage() {
		this.betweenBlocks = true;
		this.endGiven = false;
	}

	/**
	 * Inflates the next piece of the input.
	 * @param output the buffer to write to
	 * @return the number of bytes written; 0 if all input has been inflated
	 * @throws DataFormatException if the input is malformed
	 */
	int inflate(ByteBuf output) throws DataFormatException {
		Inflater inflater = inflater();
		output.ensureWritable(PIECE);
		int made = inflater.inflate(output.nioBuffer(output.writerIndex(), PIECE));
		output.writerIndex(output.writerIndex() + made);
		if (inflater.needsDictionary()) {
			throw new DataFormatException("a dictionary that was not agreed upon");
		}
		if (this.endGiven && (made > 0 || inflater.finished())) {
			throw new DataFormatException("the message ends within a block");
		}
		return made;
	}

	/**
	 * Continues after the end of a stream: a sender may end its stream within a message
	 * and begin another one (section 7.2.3.4).
	 * @return whether there is input left to inflate
	 */
	boolean continueStream() {
		Inflater inflater = inflater();
		if (!inflater.finished()) {
			return false;
		}
		int left = inflater.getRemaining();
		inflater.reset();
		inflater.setInput(this.input, this.input.length - left, left);
		this.betweenBlocks = left == 0;
		return left > 0;
	}

	/** Sets the next input: a part of the payload, unmasked. */
	void input(byte[] payload) {
		this.input = payload;
		this.betweenBlocks = false;
		inflater().setInput(payload);
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
		this.input = END;
		inflater().setInput(END);
		return true;
	}

	void endMessage() {
		this.endGiven = false;
		if (!this.takeover) {
			release();
		}
	}

	/** Whether there is input left to inflate. */
	boolean hasInput() {
		return this.inflater != null && !this.inflater.needsInput();
	}

	/** Gives back the inflater, which forgets all messages so far. */
	void release() {
		this.input = NOTHING;
		if (this.inflater != null) {
			Zlib.recycle(this.inflater);
			this.inflater = null;
		}
	}

	private Inflater inflater() {
		Inflater inflater = this.inflater;
		if (inflater == null) {
			inflater = Zlib.inflater();
			this.inflater = inflater;
		}
		return inflater;
	}

	private static byte[] end(int emptyBlocks) {
		byte[] end = new byte[4 + 5 * emptyBlocks];
		for (int i = 4; i <= end.length; i += 5) {
			end[i - 2] = -1;
			end[i - 1] = -1;
		}
		return end;
	}

}
