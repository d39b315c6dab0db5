package dev.wspolicy.netty;

import io.netty.channel.ChannelHandlerContext;

/**
 * Ends the connection of one leg, in peace or not, and knows how far its two streams have
 * ended. The subclasses hide what a socket and a stream of HTTP/2 do differently.
 */
abstract sealed class LegCloser permits SocketCloser, StreamCloser {

	private final LegWriter writer;

	/** Whether nothing more is written, apart from what has been written before. */
	private boolean finishing;

	/** Whether all that was written before has left. */
	private boolean finished;

	/** Whether the peer has ended its stream. */
	private boolean inputEnded;

	/** Whether the gateway has ended its stream, or is about to. */
	private boolean outputEnded;

	/**
	 * Whether writing has failed, as a rule because the peer has reset the connection.
	 */
	private boolean outputFailed;

	LegCloser(LegWriter writer) {
		this.writer = writer;
	}

	final ChannelHandlerContext context() {
		return this.writer.context();
	}

	// What depends on the kind of the leg

	/** Returns the number of bytes that wait to be written. From any thread. */
	abstract long unwritten();

	/**
	 * Returns the number of bytes that the peer's connection has taken.
	 * @param written the number of bytes that have been written to the channel
	 */
	abstract long taken(long written);

	/**
	 * Returns how much may have arrived at most of what the peer has sent, and not been
	 * read yet; zero if it is gone.
	 */
	abstract int receiveBuffer();

	/** Whether one read of the socket may bring bytes of several sessions. */
	abstract boolean sharesReads();

	/** Flushes what has been written. */
	abstract void flush();

	/** Flushes what has been written, so that {@link #unwritten} tells what is left. */
	abstract void flushNow();

	/** Ends the gateway's stream behind all that has been written. */
	abstract void endStream();

	/** Closes the channel, whose streams have both ended or need not end. */
	abstract void closeChannel();

	/** Resets the connection. */
	abstract void reset();

	/** Stops waiting for the connection to take what has been written. */
	abstract void awaitNothing();

	// State

	/** Whether what is written still reaches the socket. */
	final boolean isWritingAllowed() {
		return !this.finishing && !this.outputFailed && context().channel().isActive();
	}

	final boolean hasFailed() {
		return this.outputFailed;
	}

	final boolean hasInputEnded() {
		return this.inputEnded;
	}

	final boolean hasOutputEnded() {
		return this.outputEnded;
	}

	// The end

	/**
	 * Ends the connection after a complete closing handshake. The client is shown the end
	 * of the gateway's stream, and ends its own. The upstream, being the server there,
	 * ends first (RFC 6455, section 7.1.1). Either way the end is read, and closes the
	 * channel.
	 */
	final void finish() {
		finish(!this.writer.isToServer());
	}

	/** Ends the gateway's stream in place of a closing handshake. */
	final void end() {
		finish(true);
	}

	private void finish(boolean first) {
		if (this.finishing) {
			return;
		}
		this.writer.whenWritten(() -> {
			this.finished = true;
			if (this.inputEnded) {
				closeOrReset();
			}
			else if (first) {
				this.outputEnded = true;
				endStream();
			}
		});
		this.finishing = true;
		this.writer.flush();
	}

	/** Closes the channel if the end of the peer's stream has been waited for. */
	final void onInputEnded() {
		this.inputEnded = true;
		if (this.finished || this.outputFailed) {
			closeOrReset();
		}
	}

	/**
	 * Called when the gateway's stream has ended.
	 * @return whether it has because writing has failed
	 */
	final boolean onOutputEnded() {
		this.outputFailed = !this.outputEnded;
		if (this.outputFailed && this.inputEnded) {
			closeOrReset();
		}
		return this.outputFailed;
	}

	private void closeOrReset() {
		if (this.outputFailed) {
			// What has been written is not everything that was to be.
			abort();
		}
		else {
			closeChannel();
		}
	}

	/**
	 * Writes what the socket takes at once, then closes the channel: with a reset if that
	 * was not everything, so that the peer knows.
	 */
	final void close() {
		this.writer.writeForwarded();
		this.finishing = true;
		flushNow();
		if (unwritten() > 0) {
			abort();
		}
		else {
			closeOrReset();
		}
	}

	/** Resets the connection. */
	final void abort() {
		this.finishing = true;
		if (context().channel().isOpen()) {
			// Otherwise its file descriptor may belong to another socket by now.
			reset();
		}
	}

}
