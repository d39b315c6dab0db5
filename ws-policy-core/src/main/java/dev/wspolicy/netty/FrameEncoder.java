package dev.wspolicy.netty;

import java.util.concurrent.ThreadLocalRandom;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;

/**
 * Encodes frames that the gateway has created or changed
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section
 * 5.2</a>).
 */
final class FrameEncoder {

	private static final int MAX_HEADER = 14;

	private static final int FIN = 0x80;

	private FrameEncoder() {
	}

	static ByteBuf encode(ByteBufAllocator allocator, Frame frame, boolean masked) {
		// Text comes as an array, too. The JDK encodes ASCII many bytes at a time; Netty
		// would encode it into the buffer character by character, which takes twice as
		// long for a short text, and ten times as long for a long one.
		byte[] payload = FrameAccess.payload(frame).bytes();
		int firstByte = (frame.fin() ? FIN : 0) | frame.type().opcode();
		return encode(allocator, firstByte, payload, payload.length, masked, masked ? newKey() : 0);
	}

	/**
	 * Encodes a frame.
	 * @param allocator the allocator of the buffer
	 * @param firstByte the byte with FIN, RSV bits and opcode
	 * @param payload an array that begins with the payload, unmasked
	 * @param length the length of the payload
	 * @param masked whether the receiver is a server
	 * @param key the key to mask the payload with
	 * @return a buffer with the frame
	 */
	static ByteBuf encode(ByteBufAllocator allocator, int firstByte, byte[] payload, int length, boolean masked,
			int key) {
		ByteBuf buffer = allocator.buffer(MAX_HEADER + length);
		writeHeader(buffer, firstByte, length, masked);
		if (masked) {
			buffer.writeInt(key);
		}
		int start = buffer.writerIndex();
		buffer.writeBytes(payload, 0, length);
		if (masked) {
			Masks.apply(buffer, start, length, key, 0);
		}
		return buffer;
	}

	/**
	 * Allocates a buffer for a payload, with room for a header before it.
	 * @param allocator the allocator of the buffer
	 * @param capacity how many bytes the payload may have before the buffer grows
	 * @return an empty buffer
	 */
	static ByteBuf payload(ByteBufAllocator allocator, int capacity) {
		return allocator.buffer(MAX_HEADER + capacity).setIndex(MAX_HEADER, MAX_HEADER);
	}

	/**
	 * Completes a payload to a frame, in place.
	 * @param payload the payload, in a buffer from {@link #payload}
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
	 * Returns a new masking key. Section 5.3 requires keys that a script in the sender
	 * cannot predict, so that it cannot forge HTTP requests for proxies on the way. Here
	 * the sender is the gateway itself, so the fast generator is sufficient.
	 */
	static int newKey() {
		return ThreadLocalRandom.current().nextInt();
	}

}
