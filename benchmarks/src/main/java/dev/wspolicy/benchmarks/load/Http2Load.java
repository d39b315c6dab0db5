package dev.wspolicy.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;

/**
 * Sessions that send messages of one size and count what comes back, over HTTP/1.1 or as
 * streams of one HTTP/2 connection.
 */
public final class Http2Load {

	private static final String REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
			+ "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

	/** Of the order of those of browsers, in bytes. */
	private static final int WINDOW = 6 * 1024 * 1024;

	private final ByteBuf message;

	/** The number of bytes of a message that comes back. */
	private final int answerSize;

	private final int window;

	private final AtomicLong answers = new AtomicLong();

	private final CountDownLatch open;

	private volatile boolean over;

	private Http2Load(int sessions, int size, int window) {
		int head = (size < 65_536) ? 4 : 10;
		this.message = Unpooled.buffer(head + 4 + size)
			.writeByte(0x82)
			.writeByte(0x80 | 126)
			.writeShort(size)
			.writeZero(4 + size);
		this.answerSize = head + size;
		this.window = window;
		this.open = new CountDownLatch(sessions);
	}

	/**
	 * Measure the CPU time that a gateway needs for a message there and back.
	 * @param port the port of the gateway
	 * @param http2 whether to use HTTP/2
	 * @param sessions the number of sessions
	 * @param size the size of a message in bytes
	 * @param window the number of messages that a session has under way
	 * @param seconds how long to measure
	 * @param processes the processes of the gateway
	 * @param loops the event loops to use
	 * @return microseconds per message
	 * @throws InterruptedException if interrupted
	 */
	public static double micros(int port, boolean http2, int sessions, int size, int window, int seconds,
			List<Long> processes, EventLoopGroup loops) throws InterruptedException {
		Http2Load load = new Http2Load(sessions, size, window);
		List<Channel> channels = http2 ? List.of(load.connectHttp2(port, sessions, loops))
				: load.connect(port, sessions, loops);
		load.open.await();
		Thread.sleep(500);
		long cpu = CpuTime.nanos(processes);
		long answers = load.answers.get();
		Thread.sleep(seconds * 1000L);
		double micros = (CpuTime.nanos(processes) - cpu) / 1000.0 / (load.answers.get() - answers);
		load.over = true;
		channels.forEach((channel) -> channel.close().awaitUninterruptibly());
		return micros;
	}

	private List<Channel> connect(int port, int sessions, EventLoopGroup loops) {
		List<Channel> channels = new ArrayList<>();
		for (int i = 0; i < sessions; i++) {
			channels.add(connect(port, loops, new Socket()));
		}
		return channels;
	}

	private Channel connectHttp2(int port, int sessions, EventLoopGroup loops) {
		Channel channel = connect(port, loops, new ChannelInitializer<Channel>() {

			@Override
			protected void initChannel(Channel channel) {
				channel.pipeline()
					.addLast(Http2FrameCodecBuilder.forClient()
						.initialSettings(Http2Settings.defaultSettings().pushEnabled(false).initialWindowSize(WINDOW))
						.build(), new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
			}

		});
		channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(WINDOW / 2, WINDOW));
		channel.eventLoop().submit(() -> widen(channel)).syncUninterruptibly();
		for (int i = 0; i < sessions; i++) {
			Channel stream = new Http2StreamChannelBootstrap(channel).handler(new Stream())
				.open()
				.syncUninterruptibly()
				.getNow();
			stream.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers(false).method("CONNECT")
				.scheme("http")
				.path("/")
				.authority("localhost")
				.set(":protocol", "websocket")
				.set("sec-websocket-version", "13")));
		}
		return channel;
	}

	private static Void widen(Channel channel) throws Http2Exception {
		Http2Connection connection = channel.pipeline().get(Http2FrameCodec.class).connection();
		connection.local().flowController().incrementWindowSize(connection.connectionStream(), 2 * WINDOW);
		channel.flush();
		return null;
	}

	private static Channel connect(int port, EventLoopGroup loops, ChannelHandler handler) {
		return new Bootstrap().group(loops)
			.channel(NioSocketChannel.class)
			.handler(handler)
			.connect("127.0.0.1", port)
			.syncUninterruptibly()
			.channel();
	}

	/** Writes the next messages when those before them have come back. */
	private abstract class AbstractSession extends ChannelInboundHandlerAdapter {

		private long received;

		private long counted;

		abstract Object encode(ByteBuf bytes);

		void begin(ChannelHandlerContext context) {
			Http2Load.this.open.countDown();
			write(context, Http2Load.this.window);
		}

		void receive(ChannelHandlerContext context, int bytes) {
			this.received += bytes;
			int complete = (int) (this.received / Http2Load.this.answerSize - this.counted);
			if (complete > 0) {
				this.counted += complete;
				Http2Load.this.answers.addAndGet(complete);
				write(context, complete);
			}
		}

		private void write(ChannelHandlerContext context, int count) {
			for (int i = 0; i < count && !Http2Load.this.over; i++) {
				context.write(encode(Http2Load.this.message.retainedDuplicate()));
			}
			flush(context);
		}

		void flush(ChannelHandlerContext context) {
			context.flush();
		}

	}

	private final class Socket extends AbstractSession {

		private boolean begun;

		@Override
		Object encode(ByteBuf bytes) {
			return bytes;
		}

		@Override
		public void channelActive(ChannelHandlerContext context) {
			context.writeAndFlush(Unpooled.copiedBuffer(REQUEST, StandardCharsets.ISO_8859_1));
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			int bytes = ((ByteBuf) message).readableBytes();
			ReferenceCountUtil.release(message);
			if (this.begun) {
				receive(context, bytes);
			}
			else {
				// The response comes at once, and nothing before the first message.
				this.begun = true;
				begin(context);
			}
		}

	}

	private final class Stream extends AbstractSession {

		@Override
		Object encode(ByteBuf bytes) {
			return new DefaultHttp2DataFrame(bytes);
		}

		/**
		 * Writes each message in frames as large as the server accepts, as browsers do.
		 */
		@Override
		void flush(ChannelHandlerContext context) {
			try {
				context.channel()
					.parent()
					.pipeline()
					.get(Http2FrameCodec.class)
					.encoder()
					.flowController()
					.writePendingBytes();
			}
			catch (Http2Exception ex) {
				context.fireExceptionCaught(ex);
			}
			super.flush(context);
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			int bytes = (message instanceof Http2DataFrame data) ? data.content().readableBytes() : 0;
			ReferenceCountUtil.release(message);
			if (message instanceof Http2HeadersFrame) {
				begin(context);
			}
			else {
				receive(context, bytes);
			}
		}

	}

}
