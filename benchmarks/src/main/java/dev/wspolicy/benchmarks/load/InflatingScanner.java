package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Finds frames that may be compressed, and inflates these. Messages may refer to earlier
 * ones.
 */
final class InflatingScanner implements MessageScanner {

	private static final int RSV1 = 0x40;

	private static final byte[] TAIL = { 0, 0, -1, -1 };

	private final FrameScanner.Listener listener;

	private final Inflater inflater = new Inflater(true);

	private final byte[] inflated = new byte[64 * 1024];

	/** What has come of the next frame. */
	private ByteBuffer bytes = ByteBuffer.allocate(1024);

	InflatingScanner(FrameScanner.Listener listener) {
		this.listener = listener;
	}

	@Override
	public void scan(ByteBuffer in) throws IOException {
		if (this.bytes.remaining() < in.remaining()) {
			int needed = this.bytes.position() + in.remaining();
			this.bytes = ByteBuffer.wrap(Arrays.copyOf(this.bytes.array(), 2 * needed)).position(this.bytes.position());
		}
		this.bytes.put(in).flip();
		boolean complete = true;
		while (complete && this.bytes.remaining() >= 2) {
			complete = next();
		}
		this.bytes.compact();
	}

	private boolean next() throws IOException {
		int start = this.bytes.position();
		boolean masked = this.bytes.get(start + 1) < 0;
		int length = this.bytes.get(start + 1) & 0x7F;
		int header = Message.headerLength((length < 126) ? 0 : (length == 126) ? 126 : 65536, masked);
		if (this.bytes.remaining() < header) {
			return false;
		}
		if (length == 126) {
			length = this.bytes.getShort(start + 2) & 0xFFFF;
		}
		else if (length == 127) {
			length = Math.toIntExact(this.bytes.getLong(start + 2));
		}
		if (this.bytes.remaining() < header + length) {
			return false;
		}
		byte[] payload = new byte[length];
		this.bytes.position(start + header).get(payload);
		if (masked) {
			Message.mask(payload, this.bytes.getInt(start + header - Integer.BYTES));
		}
		report(this.bytes.get(start) & 0xFF, payload);
		return true;
	}

	private void report(int firstByte, byte[] payload) throws IOException {
		if ((firstByte & RSV1) == 0) {
			report(firstByte, ByteBuffer.wrap(payload));
			return;
		}
		try {
			this.inflater.setInput(payload);
			int length = this.inflater.inflate(this.inflated);
			this.inflater.setInput(TAIL);
			length += this.inflater.inflate(this.inflated, length, this.inflated.length - length);
			report(firstByte & ~RSV1, ByteBuffer.wrap(this.inflated, 0, length));
		}
		catch (DataFormatException ex) {
			throw new IOException("malformed compressed data", ex);
		}
	}

	private void report(int firstByte, ByteBuffer payload) {
		boolean known = payload.remaining() >= Message.KNOWN;
		this.listener.onFrame(firstByte, payload.remaining(), known ? payload.getLong(Message.SEQUENCE) : 0,
				known ? payload.getLong(Message.MARK) : 0);
	}

}
