package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder.Cumulator;

/**
 * Joins the beginning of an HTTP/2 frame with what is read next, in a buffer of just that
 * size. Netty's own cumulator enlarges the buffer of the previous read, with all that has
 * been decoded from it, until the frames of sixteen reads are in it: megabytes that are
 * allocated and copied again and again for a client that sends as fast as it is read.
 */
final class PartialFrameCumulator implements Cumulator {

	static final PartialFrameCumulator INSTANCE = new PartialFrameCumulator();

	private PartialFrameCumulator() {
	}

	@Override
	public ByteBuf cumulate(ByteBufAllocator allocator, ByteBuf partial, ByteBuf next) {
		if (!partial.isReadable() && next.isContiguous()) {
			partial.release();
			return next;
		}
		int length = next.readableBytes();
		try {
			if (length <= partial.maxFastWritableBytes() && !partial.isReadOnly()) {
				return partial.writeBytes(next);
			}
			ByteBuf joined = allocator.buffer(partial.readableBytes() + length);
			joined.writeBytes(partial).writeBytes(next);
			partial.release();
			return joined;
		}
		finally {
			next.release();
		}
	}

}
