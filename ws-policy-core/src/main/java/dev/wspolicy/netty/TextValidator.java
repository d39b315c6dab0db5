package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;

import dev.wspolicy.frame.FrameType;

/**
 * Validates the text messages of one direction as their frames arrive, for pipelines that
 * validate all text.
 */
final class TextValidator {

	private final Utf8Check check = new Utf8Check();

	/** Whether the message that the last data frame belongs to is text. */
	private boolean textMessage;

	/** Whether the frame being read belongs to that message. */
	private boolean text;

	/** Whether the message ends with the frame being read. */
	private boolean fin;

	/** Starts with a frame, which may be of any type. */
	void startFrame(WireHeader header) {
		this.fin = header.isFin();
		if (header.beginsMessage()) {
			this.textMessage = header.opcode() == FrameType.TEXT.opcode();
			this.check.reset();
			this.text = this.textMessage;
		}
		else {
			this.text = this.textMessage && header.isContinuation();
		}
	}

	/**
	 * Validates the next piece of a payload.
	 * @param in the buffer with the piece
	 * @param from the index of its first byte
	 * @param length the number of its bytes
	 * @param key the key that it is masked with; 0 for none
	 * @param phase the number of payload bytes before it
	 * @param last whether the frame ends with it
	 * @return whether the message can be valid text, or is no text
	 */
	boolean accepts(ByteBuf in, int from, int length, int key, long phase, boolean last) {
		return !this.text || (this.check.accepts(in, from, length, key, phase)
				&& (!last || !this.fin || this.check.isComplete()));
	}

}
