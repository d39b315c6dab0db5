package dev.wspolicy.benchmarks.load;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/**
 * A {@link Message} as it is sent, in a frame of its own whose sequence number can be
 * replaced, so that the ends of the load do little work.
 *
 * @param frame the frame, its sequence number zero
 * @param place where the sequence number is
 * @param mask what it is XORed with
 */
record Template(byte[] frame, int place, long mask) {

	private static final int RSV1 = 0x40;

	/** The header of a block of deflate that is stored as it is. */
	private static final int STORED_HEADER = 5;

	/** The end of what {@code SYNC_FLUSH} makes, which a message does not carry. */
	private static final int TAIL = 4;

	/** A message that is not compressed. */
	static Template plain(int size, boolean masked) {
		return of(Message.payload(size), 0, 0, masked);
	}

	/**
	 * A compressed message. The part with the sequence number is stored, and what follows
	 * is compressed: both are legal deflate data, whatever the number.
	 */
	static Template compressed(int size, boolean masked) {
		byte[] payload = Message.text(size);
		ByteArrayOutputStream deflated = new ByteArrayOutputStream();
		ByteBuffer stored = ByteBuffer.allocate(STORED_HEADER).order(java.nio.ByteOrder.LITTLE_ENDIAN);
		stored.put((byte) 0).putShort((short) Message.KNOWN).putShort((short) ~Message.KNOWN);
		deflated.writeBytes(stored.array());
		deflated.write(payload, 0, Message.KNOWN);
		Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
		deflater.setInput(payload, Message.KNOWN, size - Message.KNOWN);
		byte[] rest = new byte[size + 64];
		int made = deflater.deflate(rest, 0, rest.length, Deflater.SYNC_FLUSH);
		deflater.end();
		deflated.write(rest, 0, made - TAIL);
		return of(deflated.toByteArray(), RSV1, STORED_HEADER, masked);
	}

	private static Template of(byte[] payload, int bits, int shift, boolean masked) {
		byte[] frame = Message.frame(payload, bits, masked);
		int place = shift + Message.SEQUENCE;
		return new Template(frame, frame.length - payload.length + place,
				masked ? Message.mask(Message.KEY, place) : 0);
	}

	int length() {
		return this.frame.length;
	}

	/** Appends the message with a sequence number. */
	void put(ByteBuffer out, int sequence) {
		int start = out.position();
		out.put(this.frame);
		out.putLong(start + this.place, Message.digits(sequence) ^ this.mask);
	}

}
