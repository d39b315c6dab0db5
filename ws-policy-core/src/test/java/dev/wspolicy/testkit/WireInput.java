package dev.wspolicy.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A socket's input with a deadline for each operation as a whole, and a record of all
 * that was read.
 */
final class WireInput extends InputStream {

	private static final int SHOWN_BYTES = 64;

	private final Socket socket;

	private final InputStream input;

	private final byte[] buffer = new byte[16_384];

	private int position;

	private int limit;

	private long deadline;

	private boolean recording = true;

	private ByteArrayOutputStream record = new ByteArrayOutputStream();

	/** What the current operation has read, cut at what a message shows. */
	private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

	/** How much the current operation has read. */
	private long seenCount;

	WireInput(Socket socket) throws IOException {
		this.socket = socket;
		this.input = socket.getInputStream();
	}

	/**
	 * Starts an operation that has to be over within this time.
	 */
	void begin(Duration timeout) {
		this.deadline = System.nanoTime() + timeout.toNanos();
		this.seen.reset();
		this.seenCount = 0;
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) != -1) ? one[0] & 0xFF : -1;
	}

	@Override
	public int read(byte[] bytes, int offset, int length) throws IOException {
		if (length == 0) {
			return 0;
		}
		if (this.position == this.limit && !fill()) {
			return -1;
		}
		int count = Math.min(length, this.limit - this.position);
		System.arraycopy(this.buffer, this.position, bytes, offset, count);
		this.position += count;
		this.seen.write(bytes, offset, Math.min(count, SHOWN_BYTES - this.seen.size()));
		this.seenCount += count;
		if (this.recording) {
			this.record.write(bytes, offset, count);
		}
		return count;
	}

	private boolean fill() throws IOException {
		long left = this.deadline - System.nanoTime();
		if (left <= 0) {
			throw new SocketTimeoutException("Too late");
		}
		// Rounded up, since 0 means forever
		this.socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, left / 1_000_000 + 1));
		int count = this.input.read(this.buffer);
		this.position = 0;
		this.limit = Math.max(0, count);
		return count != -1;
	}

	/**
	 * What was read since the record was started, all operations together.
	 */
	byte[] recorded() {
		return this.record.toByteArray();
	}

	void record(boolean recording) {
		this.recording = recording;
		this.record = new ByteArrayOutputStream();
	}

	/**
	 * For messages: what the current operation has read, and what lies ready behind it.
	 */
	String describe() {
		byte[] shown = Arrays.copyOf(this.seen.toByteArray(),
				this.seen.size() + Math.min(SHOWN_BYTES, this.limit - this.position));
		System.arraycopy(this.buffer, this.position, shown, this.seen.size(), shown.length - this.seen.size());
		long count = this.seenCount + this.limit - this.position;
		if (count == 0) {
			return "nothing";
		}
		String hex = HexFormat.ofDelimiter(" ").formatHex(shown);
		return count + " bytes: " + hex + ((shown.length < count) ? " ..." : "") + asFrame(shown);
	}

	private static String asFrame(byte[] bytes) {
		try {
			return " (as a frame: " + WireFrame.read(new ByteArrayInputStream(bytes)) + ")";
		}
		catch (IOException ex) {
			return "";
		}
	}

}
