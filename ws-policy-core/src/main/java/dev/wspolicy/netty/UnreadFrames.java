package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2UnknownFrame;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Joins the small DATA frames of a stream that is not being read. Netty queues each by
 * itself, with the buffer of the read that has brought it. The window of the stream
 * bounds their bytes only, so that a byte in a frame of its own would occupy up to a
 * whole buffer. Frames that no window bounds are discarded: they mean nothing. Stands
 * between Netty's codec and its streams.
 */
final class UnreadFrames extends ChannelInboundHandlerAdapter {

	private static final String NAME = "wsPolicyUnreadFrames";

	/** Frames of fewer bytes are always joined. */
	private static final int SMALL = 4 * 1024;

	private final Http2FrameCodec codec;

	/** The last frame of a stream if others may be joined to it. */
	private final Http2Connection.PropertyKey last;

	private UnreadFrames(Http2FrameCodec codec) {
		this.codec = codec;
		this.last = codec.connection().newKey();
	}

	/**
	 * Begins to join the frames of a connection. All calls but the first are ignored.
	 * @param codec the codec of the connection
	 * @param connection the channel of the connection
	 */
	static void joinOn(Http2FrameCodec codec, Channel connection) {
		ChannelPipeline pipeline = connection.pipeline();
		if (pipeline.get(NAME) == null) {
			pipeline.addAfter(pipeline.context(codec).name(), NAME, new UnreadFrames(codec));
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (isUnbounded(message)) {
			ReferenceCountUtil.release(message);
			return;
		}
		if (message instanceof Http2DataFrame frame) {
			Http2FrameStream id = frame.stream();
			Http2Stream stream = (id != null) ? this.codec.connection().stream(id.id()) : null;
			if (stream != null) {
				read(context, frame, stream);
				return;
			}
		}
		context.fireChannelRead(message);
	}

	/**
	 * Whether a stream that is not read could keep any number of such frames. Those of
	 * unknown types must be ignored
	 * (<a href="https://www.rfc-editor.org/rfc/rfc9113#section-5.5">RFC 9113, section
	 * 5.5</a>).
	 */
	private static boolean isUnbounded(Object message) {
		return message instanceof Http2UnknownFrame || (message instanceof Http2DataFrame frame
				&& frame.initialFlowControlledBytes() == 0 && !frame.isEndStream());
	}

	private void read(ChannelHandlerContext context, Http2DataFrame frame, Http2Stream stream) {
		Joined before = stream.getProperty(this.last);
		if (before != null && before.isUnread() && before.join(frame, context.alloc())) {
			return;
		}
		if (isSmall(frame) && unread(stream) > frame.initialFlowControlledBytes()) {
			Joined first = new Joined(frame);
			stream.setProperty(this.last, first);
			context.fireChannelRead(first);
			return;
		}
		if (before != null) {
			stream.removeProperty(this.last);
		}
		context.fireChannelRead(frame);
	}

	/** Whether a frame is worth copying, so that it does not keep a whole buffer. */
	private static boolean isSmall(Http2DataFrame frame) {
		int length = frame.content().readableBytes();
		return length < SMALL || length < CompactionBuffer.memoryOf(frame.content()) / 4;
	}

	/** Returns the number of bytes of a stream that take room in its window. */
	private int unread(Http2Stream stream) {
		return this.codec.connection().local().flowController().unconsumedBytes(stream);
	}

	/**
	 * A frame that grows until it is read.
	 */
	private static final class Joined implements Http2DataFrame {

		/** The size of the largest DATA frame that every peer may send. */
		private static final int MOST = 16 * 1024;

		private final @Nullable Http2FrameStream stream;

		private ByteBuf content;

		/** The number of bytes that the frames have taken from the window. */
		private int flowControlled;

		private boolean endStream;

		/** Whether {@link #content} belongs to this frame alone. */
		private boolean own;

		/** Whether the frame has been taken from the queue of its stream. */
		private boolean taken;

		Joined(Http2DataFrame frame) {
			this.stream = frame.stream();
			this.content = frame.content();
			this.flowControlled = frame.initialFlowControlledBytes();
			this.endStream = frame.isEndStream();
		}

		/** Whether the frame waits in the queue of its stream. */
		boolean isUnread() {
			return !this.taken;
		}

		/**
		 * Adds a frame behind what is here, and releases it.
		 * @return whether there is room for it
		 */
		boolean join(Http2DataFrame frame, ByteBufAllocator allocator) {
			ByteBuf bytes = frame.content();
			int length = this.content.readableBytes() + bytes.readableBytes();
			if (length > MOST || !isSmall(frame)) {
				return false;
			}
			if (!this.own) {
				ByteBuf copy = allocator.buffer(length, MOST).writeBytes(this.content);
				this.content.release();
				this.content = copy;
				this.own = true;
			}
			this.content.writeBytes(bytes);
			this.flowControlled += frame.initialFlowControlledBytes();
			this.endStream |= frame.isEndStream();
			frame.release();
			return true;
		}

		/** Called when Netty takes the frame from the queue, and by nobody before. */
		@Override
		public int initialFlowControlledBytes() {
			this.taken = true;
			return this.flowControlled;
		}

		@Override
		public String name() {
			return "DATA";
		}

		@Override
		public @Nullable Http2FrameStream stream() {
			return this.stream;
		}

		@Override
		public Http2DataFrame stream(Http2FrameStream stream) {
			throw new UnsupportedOperationException("The frame has been received");
		}

		@Override
		public int padding() {
			return 0;
		}

		@Override
		public ByteBuf content() {
			return this.content;
		}

		@Override
		public boolean isEndStream() {
			return this.endStream;
		}

		@Override
		public Http2DataFrame copy() {
			return replace(this.content.copy());
		}

		@Override
		public Http2DataFrame duplicate() {
			return replace(this.content.duplicate());
		}

		@Override
		public Http2DataFrame retainedDuplicate() {
			return replace(this.content.retainedDuplicate());
		}

		@Override
		public Http2DataFrame replace(ByteBuf content) {
			return new DefaultHttp2DataFrame(content, this.endStream);
		}

		@Override
		public int refCnt() {
			return this.content.refCnt();
		}

		@Override
		public Http2DataFrame retain() {
			this.content.retain();
			return this;
		}

		@Override
		public Http2DataFrame retain(int increment) {
			this.content.retain(increment);
			return this;
		}

		@Override
		public Http2DataFrame touch() {
			this.content.touch();
			return this;
		}

		@Override
		public Http2DataFrame touch(Object hint) {
			this.content.touch(hint);
			return this;
		}

		/** Also called for a queue that is dropped: others may get the buffer then. */
		@Override
		public boolean release() {
			this.taken = true;
			return this.content.release();
		}

		@Override
		public boolean release(int decrement) {
			this.taken = true;
			return this.content.release(decrement);
		}

	}

}
