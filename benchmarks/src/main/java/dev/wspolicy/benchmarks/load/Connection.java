package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

import org.jspecify.annotations.Nullable;

/**
 * A socket of a {@link SocketLoop}. What the socket does not take at once waits, and
 * nothing is read until it is gone.
 */
abstract class Connection {

	protected final SocketLoop loop;

	private final SocketChannel channel;

	private final SelectionKey key;

	private @Nullable ByteBuffer waiting;

	Connection(SocketLoop loop, SocketChannel channel, int interest) throws IOException {
		this.loop = loop;
		this.channel = channel;
		channel.configureBlocking(false);
		channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
		this.key = channel.register(loop.selector(), interest, this);
	}

	/** Take what has been read. */
	protected abstract void onRead(ByteBuffer in) throws IOException;

	/** All that was there has been read. */
	protected void onReadComplete() throws IOException {
	}

	/** The socket is gone, by whatever reason. */
	protected abstract void onClosed();

	void connect(java.net.SocketAddress address) throws IOException {
		if (this.channel.connect(address)) {
			this.key.interestOps(SelectionKey.OP_READ);
			onConnected();
		}
	}

	protected void onConnected() throws IOException {
	}

	final void ready(int operations) {
		try {
			if ((operations & SelectionKey.OP_CONNECT) != 0) {
				this.channel.finishConnect();
				this.key.interestOps(SelectionKey.OP_READ);
				onConnected();
			}
			if ((operations & SelectionKey.OP_WRITE) != 0) {
				writeWaiting();
			}
			if ((operations & SelectionKey.OP_READ) != 0) {
				read();
			}
		}
		catch (IOException ex) {
			close();
		}
	}

	private void read() throws IOException {
		ByteBuffer in = this.loop.in();
		in.clear();
		int count = this.channel.read(in);
		if (count < 0) {
			close();
			return;
		}
		in.flip();
		onRead(in);
		if (this.channel.isOpen()) {
			onReadComplete();
		}
	}

	/**
	 * Write.
	 * @param out the bytes, all of which are taken
	 */
	final void write(ByteBuffer out) throws IOException {
		if (this.waiting == null) {
			this.channel.write(out);
		}
		if (out.hasRemaining()) {
			ByteBuffer earlier = this.waiting;
			int earlierLength = (earlier != null) ? earlier.remaining() : 0;
			ByteBuffer all = ByteBuffer.allocateDirect(earlierLength + out.remaining());
			if (earlier != null) {
				all.put(earlier);
			}
			this.waiting = all.put(out).flip();
			this.key.interestOps(SelectionKey.OP_WRITE);
		}
	}

	private void writeWaiting() throws IOException {
		ByteBuffer rest = this.waiting;
		if (rest != null) {
			this.channel.write(rest);
			if (rest.hasRemaining()) {
				return;
			}
			this.waiting = null;
		}
		this.key.interestOps(SelectionKey.OP_READ);
	}

	final boolean isWaiting() {
		return this.waiting != null;
	}

	/** Let the peer see the end of our side. */
	final void endOutput() throws IOException {
		this.channel.shutdownOutput();
	}

	/** Close without leaving the port behind to wait. */
	final void close() {
		if (!this.channel.isOpen()) {
			return;
		}
		try {
			this.channel.setOption(StandardSocketOptions.SO_LINGER, 0);
			this.channel.close();
		}
		catch (IOException ex) {
			// Closed all the same.
		}
		onClosed();
	}

}
