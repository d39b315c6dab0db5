package dev.wspolicy.proving.load;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * Clients that misbehave in one way, served by one thread.
 */
final class Offenders implements AutoCloseable {

	private final int port;

	private final Misbehaviour misbehaviour;

	private final List<Offender> offenders = new ArrayList<>();

	private final AtomicLong written = new AtomicLong();

	private final AtomicLong opened = new AtomicLong();

	private final AtomicLong refused = new AtomicLong();

	private final Thread thread;

	private volatile boolean closed;

	/** Lets clients misbehave until they are closed. */
	Offenders(int port, Misbehaviour misbehaviour, int number) {
		this.port = port;
		this.misbehaviour = misbehaviour;
		for (int i = 0; i < number; i++) {
			this.offenders.add(new Offender());
		}
		this.thread = new Thread(this::run, "offenders");
		this.thread.setDaemon(true);
		this.thread.start();
	}

	private void run() {
		ByteBuffer trash = ByteBuffer.allocateDirect(64 * 1024);
		while (!this.closed) {
			boolean idle = true;
			for (Offender offender : this.offenders) {
				try {
					idle &= !offender.act(trash);
				}
				catch (IOException ex) {
					// Its session has ended, or was refused.
					offender.reset();
				}
			}
			if (idle) {
				LockSupport.parkNanos(1_000_000);
			}
		}
		this.offenders.forEach(Offender::reset);
	}

	/** Returns the number of bytes that the gateway has taken. */
	long written() {
		return this.written.get();
	}

	/** Returns the number of sessions that were opened. */
	long opened() {
		return this.opened.get();
	}

	/** Whether all of them have begun. */
	boolean haveBegun() {
		return this.opened.get() + this.refused.get() >= this.offenders.size();
	}

	/** Resets all connections. */
	@Override
	public void close() {
		this.closed = true;
		try {
			this.thread.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * A client that misbehaves.
	 */
	private final class Offender {

		private @Nullable SocketChannel channel;

		private ByteBuffer output = ByteBuffer.allocate(0);

		private long next = System.nanoTime();

		/** Does what can be done without waiting; returns whether that was anything. */
		boolean act(ByteBuffer trash) throws IOException {
			Misbehaviour way = Offenders.this.misbehaviour;
			if (System.nanoTime() - this.next < 0) {
				return false;
			}
			SocketChannel channel = this.channel;
			if (channel == null) {
				this.next = System.nanoTime() + 1_000_000 + way.pause();
				open(way);
				return true;
			}
			boolean busy = false;
			if (way.manner() == Misbehaviour.Manner.READS) {
				int read = channel.read(trash.clear());
				if (read < 0) {
					throw new IOException("The gateway has ended the session");
				}
				busy = read > 0;
			}
			if (!this.output.hasRemaining() && way.again().length > 0) {
				this.output = ByteBuffer.wrap(way.again());
				this.next = System.nanoTime() + way.pause();
			}
			int count = channel.write(this.output);
			Offenders.this.written.addAndGet(count);
			if (way.manner() == Misbehaviour.Manner.ENDS && !this.output.hasRemaining()) {
				channel.shutdownOutput();
				this.next = System.nanoTime() + way.pause();
				this.channel = null;
			}
			return busy || count > 0;
		}

		private void open(Misbehaviour way) throws IOException {
			SocketChannel channel;
			try {
				channel = Crowd.handshake(Offenders.this.port, way.path(), way.headers());
			}
			catch (IOException ex) {
				Offenders.this.refused.incrementAndGet();
				throw ex;
			}
			Offenders.this.opened.incrementAndGet();
			channel.configureBlocking(false);
			this.channel = channel;
			this.output = ByteBuffer.wrap(way.first());
		}

		void reset() {
			SocketChannel channel = this.channel;
			this.channel = null;
			if (channel != null) {
				try {
					channel.setOption(StandardSocketOptions.SO_LINGER, 0);
					channel.close();
				}
				catch (IOException ex) {
					// It is closed already.
				}
			}
		}

	}

}
