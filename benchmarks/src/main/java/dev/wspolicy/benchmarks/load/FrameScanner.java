package dev.wspolicy.benchmarks.load;

import java.nio.ByteBuffer;

/**
 * Finds frames in the bytes of one connection, however they are cut, and looks at the
 * first bytes of each only.
 */
final class FrameScanner implements MessageScanner {

	private static final int LONGEST_HEADER = 14;

	private final Listener listener;

	/** The beginning of a frame that a read has cut. */
	private final ByteBuffer beginning = ByteBuffer.allocate(LONGEST_HEADER + Message.KNOWN);

	private int remaining;

	private int firstByte;

	private int length;

	private long sequence;

	private long mark;

	FrameScanner(Listener listener) {
		this.listener = listener;
	}

	@Override
	public void scan(ByteBuffer in) {
		while (in.hasRemaining()) {
			if (this.remaining > 0) {
				skip(in);
			}
			else if (this.beginning.position() == 0 && begin(in)) {
				endIfWhole();
			}
			else {
				this.beginning.put(in.get());
				this.beginning.flip();
				if (begin(this.beginning)) {
					this.beginning.clear();
					endIfWhole();
				}
				else {
					this.beginning.position(this.beginning.limit()).limit(this.beginning.capacity());
				}
			}
		}
	}

	private void skip(ByteBuffer in) {
		int skipped = Math.min(this.remaining, in.remaining());
		in.position(in.position() + skipped);
		this.remaining -= skipped;
		endIfWhole();
	}

	private void endIfWhole() {
		if (this.remaining == 0) {
			this.listener.onFrame(this.firstByte, this.length, this.sequence, this.mark);
		}
	}

	private boolean begin(ByteBuffer in) {
		int start = in.position();
		int available = in.remaining();
		if (available < 2) {
			return false;
		}
		int secondByte = in.get(start + 1);
		boolean masked = secondByte < 0;
		int length = secondByte & 0x7F;
		int header = ((length < 126) ? 2 : ((length == 126) ? 4 : 10)) + (masked ? Integer.BYTES : 0);
		if (available < header) {
			return false;
		}
		if (length == 126) {
			length = in.getShort(start + 2) & 0xFFFF;
		}
		else if (length == 127) {
			length = Math.toIntExact(in.getLong(start + 2));
		}
		int known = Math.min(length, Message.KNOWN);
		if (available < header + known) {
			return false;
		}
		int payload = start + header;
		int key = masked ? in.getInt(payload - Integer.BYTES) : 0;
		this.firstByte = in.get(start) & 0xFF;
		this.length = length;
		if (known == Message.KNOWN) {
			this.sequence = in.getLong(payload + Message.SEQUENCE) ^ Message.mask(key, Message.SEQUENCE);
			this.mark = in.getLong(payload + Message.MARK) ^ Message.mask(key, Message.MARK);
		}
		this.remaining = length - known;
		in.position(payload + known);
		return true;
	}

	/**
	 * Hears of frames.
	 */
	interface Listener {

		/**
		 * A frame is whole.
		 * @param firstByte its first byte
		 * @param length the length of its payload
		 * @param sequence the sequence number, as it stands in the message; of no meaning
		 * if the payload is too short to have one
		 * @param mark the mark, likewise
		 */
		void onFrame(int firstByte, int length, long sequence, long mark);

	}

}
