package dev.wspolicy.benchmarks.micro;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.netty.EmbeddedSession;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

/**
 * A session between two channels without sockets, into which the bytes of one side are
 * fed.
 */
final class BenchmarkSession implements AutoCloseable {

	/** How many frames come in one read. */
	static final int FRAMES = 16;

	private static final int KEY = 0x5A17C39E;

	private final EmbeddedSession session;

	private final Side from;

	private final ByteBuf bytes;

	/**
	 * Opens a session between channels that swallow what is written.
	 * @param pipeline the pipeline that serves it
	 * @param size the payload length of each frame
	 */
	BenchmarkSession(SessionPipeline pipeline, int size) {
		this(pipeline, null, Side.CLIENT, text(size), channel(), channel());
	}

	/**
	 * Opens a session for a line of the table, between channels that swallow what is
	 * written.
	 * @param pipeline the pipeline that serves it
	 * @param line what the session is used for
	 */
	BenchmarkSession(SessionPipeline pipeline, PolicyLine line) {
		this(pipeline, line, channel(), channel());
	}

	BenchmarkSession(SessionPipeline pipeline, PolicyLine line, EmbeddedChannel client, EmbeddedChannel upstream) {
		this(pipeline, line.subprotocol(), line.from(), line.messageBytes(), client, upstream);
		if (!line.first().isEmpty()) {
			read(Side.CLIENT, frames(Side.CLIENT, line.firstBytes(), 1));
		}
	}

	private BenchmarkSession(SessionPipeline pipeline, @Nullable String subprotocol, Side from, byte[] payload,
			EmbeddedChannel client, EmbeddedChannel upstream) {
		this.from = from;
		this.bytes = frames(from, payload, FRAMES);
		this.session = EmbeddedSession.builder()
			.channels(client, upstream)
			.pipeline(pipeline)
			.session(Doubles.session(subprotocol))
			.open();
	}

	/** Returns a channel that swallows what is written. */
	static EmbeddedChannel channel() {
		return new EmbeddedChannel(new Swallow());
	}

	/** Returns a text in ASCII. */
	static byte[] text(int size) {
		String filler = "lorem ipsum dolor sit amet ".repeat(size / 27 + 1);
		return ("{\"text\":\"" + filler).substring(0, size - 2).concat("\"}").getBytes(StandardCharsets.US_ASCII);
	}

	private static ByteBuf frames(Side from, byte[] payload, int count) {
		WireFrame frame = WireFrame.of(WireFrame.TEXT, payload);
		WireFrame[] frames = new WireFrame[count];
		Arrays.fill(frames, (from == Side.CLIENT) ? frame.mask(KEY) : frame);
		return PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(WireFrame.encodeAll(frames));
	}

	/** Reads one read's worth of frames. */
	void read() {
		read(this.from, this.bytes.retainedDuplicate());
	}

	/** Releases what would be read next. */
	@Override
	public void close() {
		this.bytes.release();
	}

	private void read(Side side, ByteBuf frames) {
		this.session.read(side, frames);
		// Some verdicts come from other threads.
		while (this.session.isSuspended(side)) {
			this.session.runTasks();
		}
	}

	/**
	 * Stands in for the socket.
	 */
	private static final class Swallow extends ChannelOutboundHandlerAdapter {

		@Override
		public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
			ReferenceCountUtil.release(message);
		}

		@Override
		public void flush(ChannelHandlerContext context) {
			// Nothing has been kept.
		}

	}

}
