package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.FrameType;

/**
 * Reads the header of one frame after another
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section
 * 5.2</a>). A header that lies in one buffer is parsed in place. The pieces of one that
 * is split between buffers are copied together.
 */
final class WireHeader {

	private static final int MAX_LENGTH = 14;

	private static final int FIN = 0x80;

	private static final int RESERVED = 0x70;

	private static final int RSV1 = 0x40;

	private static final int MASKED = 0x80;

	/** The beginning of a split header; allocated with the first one. */
	private byte @Nullable [] partialHeader;

	/** The number of bytes in it; 0 if the header was not split. */
	private byte partialLength;

	/** Whether the fields below describe a header that has been read to its end. */
	private boolean complete;

	/** The byte with FIN, RSV bits and opcode. */
	private byte firstByte;

	/** The byte with the mask bit and the short length. */
	private byte secondByte;

	private int key;

	private long payloadLength;

	/**
	 * Reads a header, or the next piece of one, from a buffer whose indexes stay as they
	 * are.
	 * @param in the buffer
	 * @param from the index of the first byte to read
	 * @param to the index behind the last byte that may be read
	 * @return the index behind the last byte that belongs to the header
	 */
	int read(ByteBuf in, int from, int to) {
		if (this.complete) {
			this.complete = false;
			this.partialLength = 0;
		}
		if (this.partialLength == 0) {
			int available = to - from;
			int length = (available < 2) ? 2 : lengthOf(in.getByte(from + 1));
			if (length <= available) {
				parse(in, from, length);
				return from + length;
			}
		}
		return readPiece(in, from, to);
	}

	/**
	 * Reads a header, or the next piece of one.
	 * @param in the buffer; its reader index is moved behind what has been read
	 * @return whether the header is complete
	 */
	boolean read(ByteBuf in) {
		in.readerIndex(read(in, in.readerIndex(), in.writerIndex()));
		return this.complete;
	}

	private int readPiece(ByteBuf in, int from, int to) {
		byte[] bytes = this.partialHeader;
		if (bytes == null) {
			bytes = new byte[MAX_LENGTH];
			this.partialHeader = bytes;
		}
		int index = from;
		while (this.partialLength < neededOf(bytes)) {
			int taken = Math.min(neededOf(bytes) - this.partialLength, to - index);
			if (taken == 0) {
				return index;
			}
			in.getBytes(index, bytes, this.partialLength, taken);
			index += taken;
			this.partialLength += (byte) taken;
		}
		parse(Unpooled.wrappedBuffer(bytes), 0, this.partialLength);
		return index;
	}

	/** Returns the length of the split header, as far as it is known. */
	private int neededOf(byte[] bytes) {
		return (this.partialLength < 2) ? 2 : lengthOf(bytes[1]);
	}

	private void parse(ByteBuf in, int start, int length) {
		this.firstByte = in.getByte(start);
		this.secondByte = in.getByte(start + 1);
		this.payloadLength = switch (shortLength()) {
			case 126 -> in.getUnsignedShort(start + 2);
			case 127 -> in.getLong(start + 2);
			default -> shortLength();
		};
		this.key = isMasked() ? in.getInt(start + length - 4) : 0;
		this.complete = true;
	}

	private static int lengthOf(byte secondByte) {
		int mask = ((secondByte & MASKED) != 0) ? 4 : 0;
		return switch (secondByte & 0x7F) {
			case 126 -> 4 + mask;
			case 127 -> 10 + mask;
			default -> 2 + mask;
		};
	}

	/** Whether the last read has come to the end of a header. */
	boolean isComplete() {
		return this.complete;
	}

	/** Whether a header has begun whose rest has not arrived. */
	boolean isPartial() {
		return !this.complete && this.partialLength > 0;
	}

	// A complete header

	/** Whether the header began in an earlier buffer than the one in which it ended. */
	boolean wasSplit() {
		return this.partialLength > 0;
	}

	/** Returns the length of the header itself. */
	int length() {
		return lengthOf(this.secondByte);
	}

	/** Copies a header that was split, as it arrived. */
	ByteBuf copy() {
		return Unpooled.copiedBuffer(this.partialHeader, 0, this.partialLength);
	}

	/** Copies a header that was split, with another masking key if it has one. */
	ByteBuf copy(int key) {
		ByteBuf copy = copy();
		return isMasked() ? copy.setInt(this.partialLength - 4, key) : copy;
	}

	/** Returns the byte with FIN, RSV bits and opcode. */
	int firstByte() {
		return this.firstByte & 0xFF;
	}

	boolean isFin() {
		return (this.firstByte & FIN) != 0;
	}

	/** Whether RSV1, which marks a compressed message, is the only reserved bit set. */
	boolean isCompressed() {
		return (this.firstByte & RESERVED) == RSV1;
	}

	boolean hasReservedBits() {
		return (this.firstByte & RESERVED) != 0;
	}

	int opcode() {
		return this.firstByte & 0x0F;
	}

	/** Whether a message begins with this frame. */
	boolean beginsMessage() {
		return opcode() == FrameType.TEXT.opcode() || opcode() == FrameType.BINARY.opcode();
	}

	boolean isContinuation() {
		return opcode() == FrameType.CONTINUATION.opcode();
	}

	boolean isMasked() {
		return (this.secondByte & MASKED) != 0;
	}

	/** Returns the masking key; 0 if the frame is not masked. */
	int key() {
		return this.key;
	}

	/**
	 * Returns the length of the payload; negative if its most significant bit is set.
	 */
	long payloadLength() {
		return this.payloadLength;
	}

	/** Whether the length is encoded in the fewest bytes possible. */
	boolean isMinimal() {
		return switch (shortLength()) {
			case 126 -> this.payloadLength > 125;
			case 127 -> this.payloadLength > 65535;
			default -> true;
		};
	}

	private int shortLength() {
		return this.secondByte & 0x7F;
	}

}
