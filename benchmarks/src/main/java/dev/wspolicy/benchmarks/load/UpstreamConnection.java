package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A session at the upstream.
 */
final class UpstreamConnection extends Connection implements FrameScanner.Listener {

	private static final Pattern FAN_OUT = Pattern.compile("GET /fan-out\\?size=(\\d+)&micros=(\\d+) ");

	private static final byte[] CLOSE = { (byte) 0x88, 2, 3, (byte) 0xE8 };

	private final Set<UpstreamConnection> listeners;

	private MessageScanner scanner = new FrameScanner(this);

	private @Nullable ByteBuffer out;

	private @Nullable Template answer;

	private int size;

	private boolean compressed;

	private int sequence;

	private boolean open;

	private boolean closing;

	private long intervalNanos;

	private long startedAt;

	UpstreamConnection(SocketLoop loop, SocketChannel channel, Set<UpstreamConnection> listeners) throws IOException {
		super(loop, channel, SelectionKey.OP_READ);
		this.listeners = listeners;
	}

	@Override
	protected void onRead(ByteBuffer in) throws IOException {
		if (!this.open) {
			Handshake.answer(in, this);
			return;
		}
		this.out = this.loop.out();
		this.scanner.scan(in);
	}

	void opened(String requestLine, boolean compressed) {
		this.open = true;
		this.compressed = compressed;
		this.scanner = compressed ? new InflatingScanner(this) : this.scanner;
		Matcher fanOut = FAN_OUT.matcher(requestLine);
		if (fanOut.lookingAt()) {
			answerOf(Integer.parseInt(fanOut.group(1)));
			this.intervalNanos = Long.parseLong(fanOut.group(2)) * 1000;
			this.startedAt = System.nanoTime();
			this.listeners.add(this);
		}
	}

	@Override
	public void onFrame(int firstByte, int length, long sequence, long mark) {
		if ((firstByte & 0x0F) == 8) {
			this.closing = true;
			return;
		}
		if (firstByte != 0x81 || sequence != Message.digits(this.sequence)) {
			System.err.println("upstream: message " + this.sequence + " came as " + sequenceText(sequence));
			close();
			return;
		}
		append(length);
	}

	private static String sequenceText(long sequence) {
		return new String(ByteBuffer.allocate(Long.BYTES).putLong(sequence).array(), StandardCharsets.ISO_8859_1);
	}

	private void append(int length) {
		Template answer = answerOf(length);
		ByteBuffer out = (this.out != null) ? this.out : this.loop.out();
		this.out = out;
		if (out.remaining() < answer.length()) {
			flush();
			out = this.loop.out();
			this.out = out;
		}
		answer.put(out, this.sequence++);
	}

	private Template answerOf(int length) {
		Template answer = this.answer;
		if (answer == null || this.size != length) {
			answer = this.compressed ? Template.compressed(length, false) : Template.plain(length, false);
			this.size = length;
			this.answer = answer;
		}
		return answer;
	}

	void sendDue(long now) {
		long due = (now - this.startedAt) / this.intervalNanos;
		while (this.sequence < due && !isWaiting()) {
			append(this.size);
		}
		flush();
	}

	private void flush() {
		ByteBuffer out = this.out;
		this.out = null;
		try {
			if (out != null && out.position() > 0) {
				write(out.flip());
			}
		}
		catch (IOException ex) {
			close();
		}
	}

	@Override
	protected void onReadComplete() throws IOException {
		flush();
		if (this.closing) {
			this.listeners.remove(this);
			write(ByteBuffer.wrap(CLOSE));
			endOutput();
		}
	}

	@Override
	protected void onClosed() {
		this.listeners.remove(this);
	}

}
