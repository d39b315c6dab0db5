package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.FrameType;

/**
 * Gathers the payload of one frame after another and encodes the frames, each in the
 * buffer of its payload. The first frame of a message has the opcode of the message; the
 * others are continuations.
 */
final class FragmentEncoder {

	private static final int FIN = 0x80;

	/** Less room than this is not worth a call. */
	private static final int LITTLE = 64;

	/** Room for all that a frame may come to be. */
	private static final int LARGE = 80 * 1024;

	private final ByteBufAllocator allocator;

	/** Whether the receiver is a server. */
	private final boolean masked;

	/** The first byte of the next frame, without FIN. */
	private int firstByte;

	/** The payload of the next frame; null if it is empty so far. */
	private @Nullable ByteBuf payload;

	FragmentEncoder(ByteBufAllocator allocator, boolean masked) {
		this.allocator = allocator;
		this.masked = masked;
	}

	/**
	 * Starts with a message.
	 * @param firstByte the first byte of its first frame, without FIN
	 */
	void startMessage(int firstByte) {
		this.firstByte = firstByte;
	}

	/**
	 * Returns the payload of the next frame, to be appended to.
	 * @param expected how long it may come to be; most payloads then never move
	 */
	ByteBuf payload(int expected) {
		ByteBuf payload = this.payload;
		if (payload == null) {
			payload = FrameEncoder.payload(this.allocator, expected + LITTLE);
			this.payload = payload;
		}
		return payload;
	}

	/**
	 * Makes room in a payload that has hardly any left. It grows to its full length at
	 * once, so that it moves once at most.
	 * @param payload the payload
	 * @return the number of bytes that may be appended
	 */
	static int makeRoom(ByteBuf payload) {
		if (payload.writableBytes() < LITTLE) {
			payload.capacity((payload.capacity() < LARGE) ? LARGE : payload.capacity() + LARGE);
		}
		return payload.writableBytes();
	}

	/** Returns the length of the payload so far. */
	int length() {
		return (this.payload != null) ? this.payload.readableBytes() : 0;
	}

	/** Encodes the next frame, and passes its ownership to the caller. */
	ByteBuf encode(boolean fin) {
		ByteBuf payload = payload(0);
		this.payload = null;
		return encode(payload, fin);
	}

	/**
	 * Encodes the next frame, which does not end its message, without the end of its
	 * payload.
	 * @param length the number of bytes that the payload of the following frame begins
	 * with instead
	 * @return the frame, owned by the caller
	 */
	ByteBuf encodeAllBut(int length) {
		ByteBuf payload = payload(0);
		ByteBuf next = FrameEncoder.payload(this.allocator, LARGE);
		int end = payload.writerIndex() - length;
		next.writeBytes(payload, end, length);
		this.payload = next;
		return encode(payload.writerIndex(end), false);
	}

	private ByteBuf encode(ByteBuf payload, boolean fin) {
		int first = this.firstByte | (fin ? FIN : 0);
		this.firstByte = FrameType.CONTINUATION.opcode();
		return FrameEncoder.frame(payload, first, this.masked);
	}

	/** Drops the payload of the next frame. */
	void release() {
		if (this.payload != null) {
			this.payload.release();
			this.payload = null;
		}
	}

}
