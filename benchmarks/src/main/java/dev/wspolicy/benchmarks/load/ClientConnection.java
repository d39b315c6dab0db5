package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A session as its client has it: counts what it sends and what comes, and insists on
 * getting it in order.
 */
final class ClientConnection extends Connection implements FrameScanner.Listener {

	private final AbstractRun run;

	private final MessageScanner scanner;

	/** When the messages on their way were sent, by their sequence numbers. */
	private final long[] sentAt;

	private int sent;

	private int received;

	private int arrived;

	private long now;

	private boolean open;

	ClientConnection(AbstractRun run, SocketLoop loop, SocketChannel channel, int window) throws IOException {
		super(loop, channel, SelectionKey.OP_CONNECT);
		this.run = run;
		this.scanner = run.compressed() ? new InflatingScanner(this) : new FrameScanner(this);
		this.sentAt = new long[Integer.highestOneBit(Math.max(1, window)) * 2];
	}

	boolean isOpen() {
		return this.open;
	}

	int sent() {
		return this.sent;
	}

	int received() {
		return this.received;
	}

	/** Send messages, in one go. */
	void send(int count, long now) throws IOException {
		Template template = this.run.template();
		ByteBuffer out = this.loop.out();
		for (int i = 0; i < count; i++) {
			if (out.remaining() < template.length()) {
				write(out.flip());
				out = this.loop.out();
			}
			template.put(out, this.sent);
			this.sentAt[this.sent & (this.sentAt.length - 1)] = now;
			this.sent++;
		}
		write(out.flip());
	}

	void sendClose() throws IOException {
		this.open = false;
		write(ByteBuffer.wrap(AbstractRun.CLOSE));
	}

	@Override
	protected void onConnected() throws IOException {
		write(ByteBuffer.wrap(this.run.request()));
	}

	@Override
	protected void onRead(ByteBuffer in) throws IOException {
		this.arrived = 0;
		this.now = System.nanoTime();
		if (!this.open && this.received == 0 && this.run.isOpening(this)) {
			in.position(Handshake.endOfAnswer(in, this.run.compressed()));
			this.open = true;
			this.run.onOpen(this);
		}
		this.scanner.scan(in);
	}

	@Override
	public void onFrame(int firstByte, int length, long sequence, long mark) {
		if ((firstByte & 0x0F) == 8) {
			this.run.onClose(this);
			return;
		}
		boolean expected = firstByte == 0x81 && length == this.run.size() && sequence == Message.digits(this.received)
				&& mark == this.run.mark();
		if (!expected) {
			this.run.fail("message " + this.received + " of a session is not what was sent: " + length + " bytes");
		}
		this.run.onMessage(this.now, this.sentAt[this.received & (this.sentAt.length - 1)]);
		this.received++;
		this.arrived++;
	}

	@Override
	protected void onReadComplete() throws IOException {
		if (this.arrived > 0) {
			this.run.onMessages(this, this.arrived, this.now);
		}
	}

	@Override
	protected void onClosed() {
		this.run.onGone(this);
	}

}
