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

	private FrameEncoder() {
	}

	static ByteBuf encode(ByteBufAllocator allocator, Frame frame, boolean masked) {
		byte[] payload = frame.source().bytes();
		ByteBuf buffer = allocator.buffer(MAX_HEADER + payload.length);
		int maskBit = masked ? 0x80 : 0;
		buffer.writeByte((frame.fin() ? 0x80 : 0) | frame.type().opcode());
		if (payload.length < 126) {
			buffer.writeByte(maskBit | payload.length);
		}
		else if (payload.length < 65536) {
			buffer.writeByte(maskBit | 126);
			buffer.writeShort(payload.length);
		}
		else {
			buffer.writeByte(maskBit | 127);
			buffer.writeLong(payload.length);
		}
		if (masked) {
			int key = newKey();
			buffer.writeInt(key);
			int start = buffer.writerIndex();
			buffer.writeBytes(payload);
			Masks.apply(buffer, start, payload.length, key, 0);
		}
		else {
			buffer.writeBytes(payload);
		}
		return buffer;
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
