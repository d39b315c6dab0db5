package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.Side;

/**
 * Writes to one leg. What the relay forwards is gathered by the scanner of the other leg;
 * before anything else is written, that scanner writes what it has gathered.
 */
final class LegWriter {

	/**
	 * The memory that waiting buffers may keep allocated beyond what is to be written.
	 */
	private static final int MAX_UNUSED = 64 * 1024;

	private final ChannelHandlerContext context;

	private final LegCloser closer;

	/** Compresses what is written; null if the peer takes no compressed messages. */
	private final @Nullable Deflation deflation;

	/**
	 * Whether the peer is a server: frames to it are masked, and it ends the connection
	 * first.
	 */
	private final boolean toServer;

	/** The scanner of what the other leg sends. */
	private @Nullable FrameScanner feeder;

	/** Whether something has been written since the last flush. */
	private boolean dirty;

	/** What {@link #isWritable()} was when it was last compared. */
	private boolean wasWritable = true;

	/** The memory that written buffers keep allocated beyond what is written of them. */
	private int unused;

	/** The last buffer that has been counted for that since the last flush. */
	private @Nullable ByteBuf counted;

	/** The number of bytes that the context has been given. */
	private long written;

	LegWriter(Side side, ChannelHandlerContext context, @Nullable PerMessageDeflate agreement) {
		this.toServer = side == Side.UPSTREAM;
		this.context = context;
		StreamCodec codec = context.pipeline().get(StreamCodec.class);
		this.closer = (codec != null) ? new StreamCloser(this, codec) : new SocketCloser(this);
		this.deflation = (agreement != null) ? new Deflation(side, agreement, context.alloc(), this::writeOut) : null;
	}

	void feedBy(FrameScanner feeder) {
		this.feeder = feeder;
	}

	/** Whether the peer is a server. */
	boolean isToServer() {
		return this.toServer;
	}

	ChannelHandlerContext context() {
		return this.context;
	}

	Channel channel() {
		return this.context.channel();
	}

	/** Returns what ends the connection. */
	LegCloser closer() {
		return this.closer;
	}

	/** Returns the allocator of buffers to be written here. */
	ByteBufAllocator allocator() {
		return this.context.alloc();
	}

	// Writability

	/**
	 * Whether the buffered bytes are below the high-water mark, or fall below it when
	 * they are flushed. The bytes of a single read may exceed the mark; to stop reading
	 * for that would cost two system calls each time.
	 */
	boolean canTakeMore() {
		if (!isWritable()) {
			flush();
		}
		return isWritable();
	}

	/**
	 * Whether the buffered bytes are below the high-water mark, or nothing that is
	 * written leaves any more, so that nobody is to wait for it.
	 */
	boolean isWritable() {
		return this.context.channel().isWritable() || !this.closer.isWritingAllowed();
	}

	/** Whether {@link #isWritable()} has changed since the last call. */
	boolean writabilityHasChanged() {
		boolean changed = this.wasWritable != isWritable();
		this.wasWritable = isWritable();
		return changed;
	}

	/** Returns the number of bytes that wait to be written. From any thread. */
	long unwritten() {
		return this.closer.unwritten();
	}

	/** Returns the approximate number of bytes that the socket has taken. */
	long taken() {
		return this.closer.taken(this.written);
	}

	/**
	 * Returns the number of compressed bytes that wait for more to come. From any thread.
	 */
	long held() {
		return (this.deflation != null) ? this.deflation.held() : 0;
	}

	// Writing

	/** Writes a frame of the gateway, behind all that was forwarded before. */
	void send(Frame frame) {
		writeForwarded();
		write(FrameEncoder.encode(this.context.alloc(), frame, this.toServer));
	}

	/** Writes bytes of the other leg, and takes ownership of them. */
	void write(ByteBuf bytes) {
		if (!this.closer.isWritingAllowed()) {
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
		ByteBuf out = wastesMemory(bytes) ? copy(bytes) : bytes;
		// First, because the write may find the buffer full and have it flushed.
		this.dirty = true;
		this.written += out.readableBytes();
		this.context.write(out, this.context.voidPromise());
	}

	/**
	 * Whether a part of a buffer would wait together with too many others that keep more
	 * memory allocated than they need. Nothing is copied for a peer that takes what is
	 * sent to it.
	 */
	@SuppressWarnings("ReferenceEquality")
	private boolean wastesMemory(ByteBuf bytes) {
		ByteBuf root = CompactionBuffer.rootOf(bytes);
		int unused = root.capacity() - bytes.readableBytes();
		if (unused == 0 || root == this.counted) {
			return false;
		}
		if (this.unused > 0 && this.unused + unused > MAX_UNUSED) {
			if (!isAllTaken()) {
				return true;
			}
			// All that has been counted is gone.
			this.unused = 0;
		}
		this.unused += unused;
		this.counted = root;
		return false;
	}

	/**
	 * Whether nothing waits that has been written before, or leaves when it is flushed.
	 * That is tried with much only, and not with a stream: it would flush the others of
	 * the connection, whose sessions may send something here, in the middle of a frame.
	 */
	private boolean isAllTaken() {
		if (!this.closer.sharesReads() && !isWritable()) {
			flush();
		}
		return unwritten() == 0;
	}

	private ByteBuf copy(ByteBuf bytes) {
		try {
			int length = bytes.readableBytes();
			return allocator().buffer(length, length).writeBytes(bytes);
		}
		finally {
			bytes.release();
		}
	}

	/** Flushes what has been written since the last flush. */
	void flush() {
		if (this.dirty) {
			this.dirty = false;
			this.counted = null;
			this.closer.flush();
		}
	}

	/** Calls back when all that has been written so far has left, if it does. */
	void whenWritten(Runnable callback) {
		writeForwarded();
		this.dirty = true;
		this.context.write(Unpooled.EMPTY_BUFFER).addListener((written) -> {
			if (written.isSuccess()) {
				callback.run();
			}
		});
	}

	/** Writes what the scanner of the other leg has gathered. */
	void writeForwarded() {
		if (this.feeder != null) {
			this.feeder.writeForwarded();
		}
	}

	/** Gives back what is kept for compression. */
	void dispose() {
		if (this.deflation != null) {
			this.deflation.dispose();
		}
	}

}
