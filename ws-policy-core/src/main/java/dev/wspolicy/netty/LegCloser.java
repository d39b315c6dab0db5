package dev.wspolicy.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/**
 * Ends the connection of one leg, in peace or not, and knows how far its two streams have
 * ended.
 */
final class LegCloser {

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

	/** Whether the channel is being registered again; it is flushed afterwards. */
	private boolean registering;

	/** Whether the handler is called when the channel is closed, however it is. */
	private boolean closeWatched;

	LegCloser(LegWriter writer) {
		this.writer = writer;
	}

	private ChannelHandlerContext context() {
		return this.writer.context();
	}

	/**
	 * Returns how much the socket holds at most of what the peer has sent; zero if it is
	 * gone.
	 */
	int receiveBuffer() {
		try {
			Integer size = context().channel().config().getOption(ChannelOption.SO_RCVBUF);
			return (size != null) ? size : 0;
		}
		catch (ChannelException ex) {
			return 0;
		}
	}

	/** Whether what is written still reaches the socket. */
	boolean isWritingAllowed() {
		return !this.finishing && !this.outputFailed && context().channel().isActive();
	}

	boolean hasFailed() {
		return this.outputFailed;
	}

	/**
	 * Ends the connection after a complete closing handshake. The client is shown the end
	 * of the gateway's stream, and ends its own. The upstream, being the server there,
	 * ends first (RFC 6455, section 7.1.1). Either way the end is read, and closes the
	 * channel.
	 */
	void finish() {
		finish(!this.writer.isToServer());
	}

	/** Ends the gateway's stream in place of a closing handshake. */
	void end() {
		finish(true);
	}

	private void finish(boolean first) {
		if (this.finishing) {
			return;
		}
		this.writer.whenWritten(() -> {
			this.finished = true;
			if (this.inputEnded) {
				closeChannel();
			}
			else if (first) {
				endOutput();
			}
		});
		this.finishing = true;
		this.writer.flush();
	}

	/** Closes the channel if the end of the peer's stream has been waited for. */
	void onInputEnded() {
		this.inputEnded = true;
		if (this.finished || this.outputFailed) {
			closeChannel();
		}
	}

	/**
	 * Called when the gateway's stream has ended.
	 * @return whether it has because writing has failed
	 */
	boolean onOutputEnded() {
		this.outputFailed = !this.outputEnded;
		if (this.outputFailed && this.inputEnded) {
			closeChannel();
		}
		return this.outputFailed;
	}

	private void endOutput() {
		this.outputEnded = true;
		Channel channel = context().channel();
		SslHandler tls = channel.pipeline().get(SslHandler.class);
		if (tls != null) {
			tls.closeOutbound().addListener((closed) -> endOutput(channel));
		}
		else {
			endOutput(channel);
		}
	}

	private static void endOutput(Channel channel) {
		if (channel instanceof DuplexChannel duplex && channel.isActive()) {
			duplex.shutdownOutput();
		}
	}

	private void closeChannel() {
		if (this.outputFailed) {
			// What has been written is not everything that was to be.
			abort();
		}
		else if (this.outputEnded) {
			// Past the handler of TLS, which has closed already.
			context().channel().unsafe().close(context().channel().voidPromise());
		}
		else {
			context().close();
		}
	}

	/**
	 * Writes what the socket takes at once, then closes the channel: with a reset if that
	 * was not everything, so that the peer knows.
	 */
	void close() {
		this.writer.writeForwarded();
		this.finishing = true;
		context().flush();
		if (this.writer.unwritten() > 0) {
			abort();
		}
		else {
			closeChannel();
		}
	}

	/** Resets the connection. */
	void abort() {
		this.finishing = true;
		Channel channel = context().channel();
		if (!channel.isOpen()) {
			// Its file descriptor may belong to another socket by now.
			return;
		}
		try {
			channel.config().setOption(ChannelOption.SO_LINGER, 0);
		}
		catch (ChannelException ex) {
			// Some systems accept no options for a socket that the peer has reset.
		}
		// Past all handlers: a TLS close would pretend that all was well.
		channel.unsafe().close(channel.voidPromise());
	}

	/**
	 * Flushes the channel. Netty removes a socket from epoll once it waits for nothing,
	 * as it does when the peer has ended its stream, and fails to add it when it has to
	 * wait for the socket to be writable. So the channel is registered again before that.
	 */
	void flush() {
		if (this.inputEnded) {
			registerAgain(context()::flush);
		}
		else {
			context().flush();
		}
	}

	/**
	 * Stops waiting for the socket to become writable. If a write has failed that waited
	 * for that, Netty still does, and finds that it is, again and again.
	 */
	void awaitNothing() {
		registerAgain(() -> {
		});
	}

	private void registerAgain(Runnable onRegistered) {
		if (this.registering) {
			// What follows includes what has happened meanwhile.
			return;
		}
		this.registering = true;
		Channel channel = context().channel();
		watchClose(channel);
		channel.deregister().addListener((deregistered) -> {
			if (channel.isOpen()) {
				channel.eventLoop().register(channel).addListener((registered) -> {
					if (registered.isSuccess()) {
						this.registering = false;
						onRegistered.run();
					}
				});
			}
		});
	}

	/**
	 * Calls the handler of the leg when the channel is closed. Netty does not if the
	 * channel is closed while it is not registered, nor if registering it fails, which
	 * closes it.
	 */
	private void watchClose(Channel channel) {
		if (!this.closeWatched) {
			this.closeWatched = true;
			channel.closeFuture().addListener((closed) -> channel.eventLoop().execute(this::onClosed));
		}
	}

	private void onClosed() {
		try {
			((ChannelInboundHandler) context().handler()).channelInactive(context());
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
