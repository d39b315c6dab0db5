package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import dev.wspolicy.frame.FrameType;

/**
 * The header of a frame, gathered from pieces that may end anywhere
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section
 * 5.2</a>).
 */
final class WireHeader {

	private static final int MAX_LENGTH = 14;

	private final byte[] bytes = new byte[MAX_LENGTH];

	private int have;

	/**
	 * Take what is there of the header.
	 * @param in where it is read from
	 * @return whether it is whole
	 */
	boolean read(ByteBuf in) {
		while (this.have < needed()) {
			int taken = Math.min(needed() - this.have, in.readableBytes());
			if (taken == 0) {
				return false;
			}
			in.readBytes(this.bytes, this.have, taken);
			this.have += taken;
		}
		return true;
	}

	/** The next header begins. */
	void clear() {
		this.have = 0;
	}

	/** Whether a header has begun. */
	boolean hasBegun() {
		return this.have > 0;
	}

	boolean fin() {
		return (this.bytes[0] & 0x80) != 0;
	}

	/** Whether the bit is set that marks a compressed message, and no other one. */
	boolean isCompressed() {
		return (this.bytes[0] & 0x70) == 0x40;
	}

	boolean hasReservedBits() {
		return (this.bytes[0] & 0x70) != 0;
	}

	int opcode() {
		return this.bytes[0] & 0x0F;
	}

	/** Whether a message begins with this frame. */
	boolean beginsMessage() {
		return opcode() == FrameType.TEXT.opcode() || opcode() == FrameType.BINARY.opcode();
	}

	boolean isContinuation() {
		return opcode() == FrameType.CONTINUATION.opcode();
	}

	boolean masked() {
		return (this.bytes[1] & 0x80) != 0;
	}

	int key() {
		if (!masked()) {
			return 0;
		}
		int index = this.have - 4;
		return (this.bytes[index] & 0xFF) << 24 | (this.bytes[index + 1] & 0xFF) << 16
				| (this.bytes[index + 2] & 0xFF) << 8 | this.bytes[index + 3] & 0xFF;
	}

	/** The length of the payload; negative if its most significant bit is set. */
	long payloadLength() {
		int shortLength = this.bytes[1] & 0x7F;
		int size = switch (shortLength) {
			case 126 -> 2;
			case 127 -> 8;
			default -> 0;
		};
		if (size == 0) {
			return shortLength;
		}
		long length = 0;
		for (int i = 0; i < size; i++) {
			length = length << 8 | this.bytes[2 + i] & 0xFF;
		}
		return length;
	}

	/** Whether the length has the shortest form that it can have. */
	boolean isMinimal() {
		long length = payloadLength();
		return switch (this.bytes[1] & 0x7F) {
			case 126 -> length > 125;
			case 127 -> length > 65535;
			default -> true;
		};
	}

	/** The header as it came. */
	ByteBuf copy() {
		return Unpooled.copiedBuffer(this.bytes, 0, this.have);
	}

	private int needed() {
		if (this.have < 2) {
			return 2;
		}
		int mask = masked() ? 4 : 0;
		return switch (this.bytes[1] & 0x7F) {
			case 126 -> 4 + mask;
			case 127 -> 10 + mask;
			default -> 2 + mask;
		};
	}

}
