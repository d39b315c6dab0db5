package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;

import dev.wspolicy.frame.Payload;

/**
 * Payloads as they arrive, for benchmarks.
 */
public final class PayloadAccess {

	private PayloadAccess() {
	}

	/**
	 * Returns a payload that arrived in one buffer.
	 * @param buffer the buffer, whose readable bytes are the payload
	 * @param key the key that it is masked with; 0 for none
	 * @return the payload, which does not own the buffer
	 */
	public static Payload of(ByteBuf buffer, int key) {
		int length = buffer.readableBytes();
		return new WirePayload(new MaskedSlice(buffer, buffer.readerIndex(), length, key, 0), length, NOBODY);
	}

	private static final CollectedBytes NOBODY = new CollectedBytes() {

		@Override
		public WirePayload message(WirePayload frame) {
			return frame;
		}

		@Override
		public void forward(WirePayload frame) {
			frame.release();
		}

		@Override
		public void drop(WirePayload frame) {
			frame.release();
		}

		@Override
		public void keep(WirePayload frame) {
			frame.release();
		}

	};

}
