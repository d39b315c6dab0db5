package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.Side;

/**
 * Writes to one leg. What the relay forwards is gathered by the reader of the other leg;
 * anything else that is written first lets that reader write what it has.
 */
final class LegWriter {

	private final Side side;

	private final ChannelHandlerContext context;

	private @Nullable LegReader feeder;

	/** Compresses what is written, if that has been agreed upon with the peer. */
	private final @Nullable Deflation deflation;

	/** Something has been written since the last flush. */
	private boolean dirty;

	private boolean finishing;

	private boolean wasWritable = true;

	LegWriter(Side side, ChannelHandlerContext context, @Nullable PerMessageDeflate agreement) {
		this.side = side;
		this.context = context;
		this.deflation = (agreement != null) ? new Deflation(side, agreement, context.alloc(), this::writeOut) : null;
	}

	void feedBy(LegReader feeder) {
		this.feeder = feeder;
	}

	Channel channel() {
		return this.context.channel();
	}

	/**
	 * Whether the buffer stands below the high-water mark, or falls below it when it is
	 * flushed. What a read brings in one go may pass the mark; to stop reading for that
	 * would cost two system calls each time.
	 */
	boolean canTakeMore() {
		Channel channel = this.context.channel();
		if (!channel.isWritable()) {
			flush();
		}
		return channel.isWritable();
	}

	boolean isWritable() {
		return this.context.channel().isWritable();
	}

	/** Whether this is not what it was when this was last asked. */
	boolean writabilityHasChanged() {
		boolean changed = this.wasWritable != isWritable();
		this.wasWritable = isWritable();
		return changed;
	}

	/** The number of bytes that are still to be written. */
	long unwritten() {
		ChannelOutboundBuffer buffer = this.context.channel().unsafe().outboundBuffer();
		return (buffer != null) ? buffer.totalPendingWriteBytes() : 0;
	}

	/** The number of bytes that are made to be written, and kept for more to come. */
	long held() {
		return (this.deflation != null) ? this.deflation.held() : 0;
	}

	/** A buffer for bytes to be written here. */
	ByteBuf allocate(int capacity) {
		return this.context.alloc().buffer(capacity, capacity);
	}

	/** Write a frame of ours behind all that was forwarded before. */
	void send(Frame frame) {
		writeForwarded();
		write(FrameEncoder.encode(this.context.alloc(), frame, this.side == Side.UPSTREAM));
	}

	/** Write bytes; for the reader of the other leg. */
	void write(ByteBuf bytes) {
		if (this.finishing || !this.context.channel().isActive()) {
			bytes.release();
			return;
		}
		if (this.deflation != null) {
			this.deflation.write(bytes);
		}
		else {
			writeOut(bytes);
		}
	}

	private void writeOut(ByteBuf bytes) {
		// First, because the write may find the buffer full and have it flushed.
		this.dirty = true;
		this.context.write(bytes, this.context.voidPromise());
	}

	void flush() {
		if (this.dirty) {
			this.dirty = false;
			this.context.flush();
		}
	}

	/**
	 * The closing handshake is complete. The client is shown the end of our side, and
	 * shows the end of its own. The upstream, being the server there, ends first (RFC
	 * 6455, section 7.1.1). Either way the end is read, and closes the channel.
	 */
	void finish() {
		if (this.finishing) {
			return;
		}
		writeForwarded();
		this.finishing = true;
		this.dirty = false;
		this.context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((written) -> {
			if (this.side == Side.CLIENT) {
				endOutput();
			}
		});
	}

	/** Write what can be written, then close. */
	void close() {
		writeForwarded();
		this.finishing = true;
		this.context.flush();
		this.context.close();
	}

	/** Reset the connection. */
	void abort() {
		this.finishing = true;
		Channel channel = this.context.channel();
		if (!channel.isOpen()) {
			// What was its file descriptor may be somebody else's by now.
			return;
		}
		try {
			channel.config().setOption(ChannelOption.SO_LINGER, 0);
		}
		catch (ChannelException ex) {
			// Some systems take no options for a socket that the peer has reset.
		}
		// Past all handlers: a TLS close would pretend that all was well.
		channel.unsafe().close(channel.voidPromise());
	}

	/** Give back what is kept for compression. */
	void dispose() {
		if (this.deflation != null) {
			this.deflation.dispose();
		}
	}

	private void writeForwarded() {
		if (this.feeder != null) {
			this.feeder.writeForwarded();
		}
	}

	private void endOutput() {
		Channel channel = this.context.channel();
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

}
