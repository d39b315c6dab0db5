package dev.wspolicy.netty;

import java.util.concurrent.ThreadLocalRandom;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import dev.wspolicy.frame.Frame;

/**
 * Writes frames that were made or changed here
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section
 * 5.2</a>).
 */
final class FrameEncoder {

	private static final int MAX_HEADER = 14;

	private static final int FIN = 0x80;

	private FrameEncoder() {
	}

	static ByteBuf encode(ByteBufAllocator allocator, Frame frame, boolean masked) {
		byte[] payload = frame.source().bytes();
		ByteBuf buffer = allocator.buffer(MAX_HEADER + payload.length);
		writeHeader(buffer, (frame.fin() ? FIN : 0) | frame.type().opcode(), payload.length, masked);
		int key = 0;
		if (masked) {
			key = newKey();
			buffer.writeInt(key);
		}
		int start = buffer.writerIndex();
		buffer.writeBytes(payload);
		if (masked) {
			Masks.apply(buffer, start, payload.length, key, 0);
		}
		return buffer;
	}

	/**
	 * A buffer for a payload, with room for a header before it.
	 * @param allocator where it is allocated
	 * @return an empty buffer
	 */
	static ByteBuf payload(ByteBufAllocator allocator) {
		return allocator.buffer().setIndex(MAX_HEADER, MAX_HEADER);
	}

	/**
	 * Make a frame of a payload, in place.
	 * @param payload the payload, in a buffer of {@link #payload}
	 * @param firstByte the byte with FIN, RSV bits and opcode
	 * @param masked whether the receiver is a server
	 * @return the same buffer
	 */
	static ByteBuf frame(ByteBuf payload, int firstByte, boolean masked) {
		int end = payload.writerIndex();
		int length = end - MAX_HEADER;
		int start = MAX_HEADER - headerLength(length, masked);
		payload.setIndex(start, start);
		writeHeader(payload, firstByte, length, masked);
		if (masked) {
			int key = newKey();
			payload.writeInt(key);
			Masks.apply(payload, MAX_HEADER, length, key, 0);
		}
		return payload.writerIndex(end);
	}

	private static int headerLength(int length, boolean masked) {
		int mask = masked ? 4 : 0;
		if (length < 126) {
			return 2 + mask;
		}
		return ((length < 65536) ? 4 : 10) + mask;
	}

	private static void writeHeader(ByteBuf buffer, int firstByte, int length, boolean masked) {
		int maskBit = masked ? 0x80 : 0;
		buffer.writeByte(firstByte);
		if (length < 126) {
			buffer.writeByte(maskBit | length);
		}
		else if (length < 65536) {
			buffer.writeByte(maskBit | 126);
			buffer.writeShort(length);
		}
		else {
			buffer.writeByte(maskBit | 127);
			buffer.writeLong(length);
		}
	}

	/**
	 * A mask key. Section 5.3 wants keys that a script in the sender cannot foresee, to
	 * keep it from forging HTTP requests for proxies on the way; a sender here is the
	 * gateway itself, so the fast generator will do.
	 */
	static int newKey() {
		return ThreadLocalRandom.current().nextInt();
	}

}
