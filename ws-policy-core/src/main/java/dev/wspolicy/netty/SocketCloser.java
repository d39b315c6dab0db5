package dev.wspolicy.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/**
 * Ends a leg that has a socket of its own, as one to an upstream and one of HTTP/1.1 has.
 */
final class SocketCloser extends LegCloser {

	/** What Netty counts for each waiting buffer besides its bytes. */
	private static final int ENTRY_OVERHEAD = 96;

	/** Whether the channel is being registered again; it is flushed afterwards. */
	private boolean registering;

	/** Whether the handler is called when the channel is closed, however it is. */
	private boolean closeWatched;

	SocketCloser(LegWriter writer) {
		super(writer);
	}

	@Override
	long unwritten() {
		ChannelOutboundBuffer buffer = context().channel().unsafe().outboundBuffer();
		return (buffer != null) ? buffer.totalPendingWriteBytes() : 0;
	}

	/** Approximate, since TLS adds some bytes on their way. */
	@Override
	long taken(long written) {
		ChannelOutboundBuffer buffer = context().channel().unsafe().outboundBuffer();
		if (buffer == null) {
			return written;
		}
		// A frame that is written and not taken must not look as if something had been,
		// nor must a long one look as if nothing had been while it is being taken.
		return written - buffer.totalPendingWriteBytes() + (long) ENTRY_OVERHEAD * buffer.size()
				+ buffer.currentProgress();
	}

	@Override
	int receiveBuffer() {
		try {
			Integer size = context().channel().config().getOption(ChannelOption.SO_RCVBUF);
			return (size != null) ? size : 0;
		}
		catch (ChannelException ex) {
			return 0;
		}
	}

	@Override
	void endStream() {
		Channel channel = context().channel();
		SslHandler tls = channel.pipeline().get(SslHandler.class);
		if (tls != null) {
			tls.closeOutbound().addListener((closed) -> shutDownOutput(channel));
		}
		else {
			shutDownOutput(channel);
		}
	}

	private static void shutDownOutput(Channel channel) {
		if (channel instanceof DuplexChannel duplex && channel.isActive()) {
			duplex.shutdownOutput();
		}
	}

	@Override
	void closeChannel() {
		if (hasOutputEnded()) {
			// Past the handler of TLS, which has closed already.
			context().channel().unsafe().close(context().channel().voidPromise());
		}
		else {
			context().close();
		}
	}

	@Override
	void reset() {
		Channel channel = context().channel();
		try {
			channel.config().setOption(ChannelOption.SO_LINGER, 0);
		}
		catch (ChannelException ex) {
			// Some systems accept no options for a socket that the peer has reset.
		}
		// Past all handlers: a TLS close would pretend that all was well.
		channel.unsafe().close(channel.voidPromise());
	}

	@Override
	boolean sharesReads() {
		return false;
	}

	/**
	 * Flushes the channel. Netty removes a socket from epoll once it waits for nothing,
	 * as it does when the peer has ended its stream, and fails to add it when it has to
	 * wait for the socket to be writable. So the channel is registered again before that.
	 */
	@Override
	void flush() {
		if (hasInputEnded()) {
			registerAgain(context()::flush);
		}
		else {
			context().flush();
		}
	}

	@Override
	void flushNow() {
		context().flush();
	}

	/**
	 * Stops waiting for the socket to become writable. If a write has failed that waited
	 * for that, Netty still does, and finds that it is, again and again.
	 */
	@Override
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
