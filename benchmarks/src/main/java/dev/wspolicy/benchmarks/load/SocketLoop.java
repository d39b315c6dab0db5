package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

import org.jspecify.annotations.Nullable;

/**
 * One thread over many sockets, with one buffer to read to and one to write from.
 */
final class SocketLoop {

	private static final int BUFFER = 512 * 1024;

	private final Selector selector;

	private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);

	private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);

	private @Nullable Acceptor acceptor;

	SocketLoop() throws IOException {
		this.selector = Selector.open();
	}

	Selector selector() {
		return this.selector;
	}

	ByteBuffer in() {
		return this.in;
	}

	/** A buffer to write from, empty. */
	ByteBuffer out() {
		return this.out.clear();
	}

	void onAcceptable(Acceptor acceptor) {
		this.acceptor = acceptor;
	}

	/**
	 * Deal with what is ready, or becomes so.
	 * @param timeoutMillis how long to wait for that; zero for no time at all
	 */
	void step(long timeoutMillis) throws IOException {
		if (timeoutMillis > 0) {
			this.selector.select(this::ready, timeoutMillis);
		}
		else {
			this.selector.selectNow(this::ready);
		}
	}

	private void ready(SelectionKey key) {
		if (!key.isValid()) {
			return;
		}
		if (key.attachment() instanceof Connection connection) {
			connection.ready(key.readyOps());
		}
		else if (this.acceptor != null) {
			this.acceptor.accept();
		}
	}

	/**
	 * Takes new connections.
	 */
	interface Acceptor {

		/**
		 * There are some.
		 */
		void accept();

	}

}
