package dev.wspolicy.proving.site;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/**
 * One direction of a connection through a {@link ToxicProxy}. Used by the thread of that
 * direction.
 */
public final class Pipe {

	private final Socket from;

	private final Socket to;

	private final OutputStream output;

	private long passed;

	/** Whether this direction has been ended on purpose, so that the rest is dropped. */
	private boolean ended;

	Pipe(Socket from, Socket to) throws IOException {
		this.from = from;
		this.to = to;
		this.output = to.getOutputStream();
	}

	/** Passes everything until one end is gone. */
	void run(Toxic toxic) {
		byte[] bytes = new byte[65_536];
		try {
			// A fault may strike before the first byte.
			toxic.pass(bytes, 0, this);
			int length = this.from.getInputStream().read(bytes);
			while (length >= 0) {
				toxic.pass(bytes, length, this);
				length = this.from.getInputStream().read(bytes);
			}
			end();
		}
		catch (IOException ex) {
			// What breaks on one side breaks on the other, in the same way if possible.
			reset();
		}
		if (this.to.isOutputShutdown() && this.from.isOutputShutdown()) {
			// Both directions have ended.
			ToxicProxy.close(this.from);
			ToxicProxy.close(this.to);
		}
	}

	/** Passes bytes on, unless this direction has ended. */
	public void write(byte[] bytes, int from, int length) throws IOException {
		if (!this.ended && length > 0) {
			this.passed += length;
			this.output.write(bytes, from, length);
		}
	}

	/** Returns the number of bytes that have been passed on. */
	public long passed() {
		return this.passed;
	}

	/** Ends this direction in order. */
	public void end() throws IOException {
		if (!this.ended) {
			this.ended = true;
			this.to.shutdownOutput();
		}
	}

	/** Resets both connections. */
	public void reset() {
		this.ended = true;
		ToxicProxy.reset(this.from);
		ToxicProxy.reset(this.to);
	}

	/** Closes both connections. */
	public void close() {
		this.ended = true;
		ToxicProxy.close(this.to);
		ToxicProxy.close(this.from);
	}

}
