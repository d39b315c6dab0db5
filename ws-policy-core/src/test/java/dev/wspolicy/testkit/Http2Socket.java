package dev.wspolicy.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;

/**
 * A stream of HTTP/2 that behaves like a socket: END_STREAM is the end of its input, and
 * RST_STREAM without that is a reset. Bytes count as read, and make room in the window,
 * when a test reads them.
 */
final class Http2Socket extends Socket {

	/** An event loop adds to it, where BlockHound forbids a queue with locks. */
	private final BlockingQueue<Event> events = new LinkedTransferQueue<>();

	private final AtomicInteger available = new AtomicInteger();

	private final Http2Connection connection;

	private final boolean ownsConnection;

	private final Http2Exchange exchange;

	private final Input input = new Input();

	private final Output output = new Output();

	private @Nullable Http2StreamChannel stream;

	private int timeout;

	private boolean abortive;

	private volatile boolean closed;

	private volatile boolean outputShutdown;

	/** Whether nothing that is written is awaited. */
	private volatile boolean hurried;

	/** Whether {@link #read} waits for something to come. */
	private boolean waiting = true;

	Http2Socket(Http2Connection connection, boolean ownsConnection, boolean ended) {
		this.connection = connection;
		this.ownsConnection = ownsConnection;
		this.exchange = new Http2Exchange(ended);
		this.outputShutdown = ended;
	}

	ChannelHandler handler() {
		return new StreamFrames();
	}

	void attach(Http2StreamChannel stream) {
		this.stream = stream;
		stream.config().setAutoRead(false);
		// What has come can still be read
		stream.parent().closeFuture().addListener((closed) -> stream.config().setAutoRead(true));
	}

	private Http2StreamChannel stream() {
		return Objects.requireNonNull(this.stream);
	}

	Http2Connection connection() {
		return this.connection;
	}

	@Override
	public void setTcpNoDelay(boolean on) {
		// Netty sets it for the connection
	}

	@Override
	public void setSoTimeout(int timeout) {
		this.timeout = timeout;
	}

	@Override
	public void setSoLinger(boolean on, int linger) {
		this.abortive = on && linger == 0;
	}

	@Override
	public InputStream getInputStream() {
		return this.input;
	}

	@Override
	public OutputStream getOutputStream() {
		return this.output;
	}

	@Override
	public SocketAddress getLocalSocketAddress() {
		return stream().parent().localAddress();
	}

	@Override
	public SocketAddress getRemoteSocketAddress() {
		return stream().parent().remoteAddress();
	}

	@Override
	public boolean isClosed() {
		return this.closed;
	}

	@Override
	public boolean isOutputShutdown() {
		return this.outputShutdown;
	}

	@Override
	public void shutdownOutput() throws IOException {
		this.outputShutdown = true;
		await(stream().writeAndFlush(new DefaultHttp2DataFrame(true)));
	}

	void sendTrailers() throws IOException {
		this.outputShutdown = true;
		Http2Headers trailers = new DefaultHttp2Headers().add("x-last", "yes");
		await(stream().writeAndFlush(new DefaultHttp2HeadersFrame(trailers, true)));
	}

	/**
	 * Resets the stream if that is wanted, or if something comes although nobody reads it
	 * any more, as TCP does.
	 */
	@Override
	public void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		Http2StreamChannel stream = stream();
		if (this.ownsConnection) {
			stream.closeFuture().addListener((ended) -> this.connection.close());
		}
		Promise<Void> left = stream.eventLoop().newPromise();
		stream.eventLoop().execute(() -> {
			if (this.abortive) {
				stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL)).addListener((written) -> {
					left.trySuccess(null);
					stream.close();
				});
			}
			else {
				stream.config().setAutoRead(true);
				left.trySuccess(null);
			}
		});
		if (!this.hurried && !stream.eventLoop().inEventLoop()) {
			// A reset of TCP has left when the call returns, too
			left.awaitUninterruptibly(1, TimeUnit.SECONDS);
		}
		this.events.clear();
		// A thread that reads notices, as with a socket of TCP
		this.events.add(new Event(null, "it is closed"));
	}

	/**
	 * Lets no write wait from now on, and receives what comes whether or not anybody
	 * reads it. Meant for streams in which little goes and comes.
	 */
	void hurry() {
		this.hurried = true;
		stream().config().setAutoRead(true);
	}

	/**
	 * Lets no {@link #read} wait from now on.
	 */
	void readWithoutWaiting() {
		this.waiting = false;
	}

	/**
	 * Reads as a channel does.
	 * @return the number of bytes, 0 if nothing has come, -1 at the end
	 */
	int read(ByteBuffer target) throws IOException {
		if (!target.hasRemaining() || (!this.waiting && !this.input.isReady())) {
			return 0;
		}
		byte[] bytes = new byte[target.remaining()];
		int count = this.input.read(bytes);
		target.put(bytes, 0, Math.max(0, count));
		return count;
	}

	private void await(ChannelFuture written) throws IOException {
		if (this.hurried) {
			// Whoever reads is told
			written.addListener((done) -> {
				if (!done.isSuccess()) {
					this.events.add(new Event(null, "cannot write (" + done.cause() + ")"));
				}
			});
			return;
		}
		written.awaitUninterruptibly();
		if (!written.isSuccess()) {
			throw new SocketException("Connection reset (" + written.cause() + ")");
		}
	}

	@Override
	public String toString() {
		return String.valueOf(this.stream);
	}

	/**
	 * What has come: bytes, or the end.
	 *
	 * @param bytes the bytes, outside of Netty's memory; {@code null} at the end
	 * @param failure why the stream has ended; {@code null} if in order
	 */
	private record Event(@Nullable ByteBuffer bytes, @Nullable String failure) {

	}

	private final class StreamFrames extends ChannelInboundHandlerAdapter {

		/** What is reported if the stream ends without END_STREAM. */
		private String end = "the stream has ended";

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			if (message instanceof Http2HeadersFrame headers) {
				if (headers.headers().status() != null) {
					String head = Http2Socket.this.exchange.response(headers.headers());
					add(context, head.getBytes(StandardCharsets.ISO_8859_1));
				}
				endIf(headers.isEndStream());
			}
			else if (message instanceof Http2DataFrame data) {
				add(context, ByteBufUtil.getBytes(data.content()));
				data.release();
				endIf(data.isEndStream());
			}
			else {
				ReferenceCountUtil.release(message);
			}
		}

		private void add(ChannelHandlerContext context, byte[] bytes) {
			if (!Http2Socket.this.closed) {
				Http2Socket.this.available.addAndGet(bytes.length);
				Http2Socket.this.events.add(new Event(ByteBuffer.wrap(bytes), null));
			}
			else if (bytes.length > 0) {
				// Nobody is there any more
				context.close();
			}
		}

		private void endIf(boolean last) {
			if (last) {
				Http2Socket.this.events.add(new Event(null, null));
			}
		}

		@Override
		public void userEventTriggered(ChannelHandlerContext context, Object event) {
			if (event instanceof Http2ResetFrame reset) {
				Http2Socket.this.connection.onReset(reset.errorCode());
				this.end = "the stream was reset with " + Http2Error.valueOf(reset.errorCode());
				// The end of the channel comes behind all that came before it
				context.channel().config().setAutoRead(true);
			}
			ReferenceCountUtil.release(event);
		}

		@Override
		public void channelInactive(ChannelHandlerContext context) {
			Http2Socket.this.events.add(new Event(null, this.end));
		}

		@Override
		public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
			this.end = "the client has failed with " + cause;
			context.close();
		}

	}

	private final class Input extends InputStream {

		private @Nullable Event current;

		@Override
		public int read() throws IOException {
			byte[] one = new byte[1];
			return (read(one, 0, 1) != -1) ? one[0] & 0xFF : -1;
		}

		@Override
		public int read(byte[] target, int offset, int length) throws IOException {
			Event event = (this.current != null) ? this.current : next();
			this.current = event;
			ByteBuffer bytes = event.bytes();
			if (bytes == null) {
				if (event.failure() != null) {
					throw new SocketException("Connection reset: " + event.failure());
				}
				return -1;
			}
			int count = Math.min(length, bytes.remaining());
			bytes.get(target, offset, count);
			Http2Socket.this.available.addAndGet(-count);
			if (!bytes.hasRemaining()) {
				this.current = null;
			}
			return (count > 0) ? count : read(target, offset, length);
		}

		private boolean isReady() {
			return this.current != null || !Http2Socket.this.events.isEmpty();
		}

		private Event next() throws IOException {
			try {
				Event event = Http2Socket.this.events.poll();
				if (event == null) {
					stream().read();
					// Netty may have left the window that this gives the other end
					// unflushed
					stream().flush();
					event = (Http2Socket.this.timeout > 0)
							? Http2Socket.this.events.poll(Http2Socket.this.timeout, TimeUnit.MILLISECONDS)
							: Http2Socket.this.events.take();
				}
				if (event == null) {
					throw new SocketTimeoutException("Nothing within " + Http2Socket.this.timeout + " ms");
				}
				return event;
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new EOFException("Interrupted");
			}
		}

		@Override
		public int available() {
			return Http2Socket.this.available.get();
		}

	}

	/** Takes the head of a request first, and then what follows it. */
	private final class Output extends OutputStream {

		private @Nullable ByteArrayOutputStream head = new ByteArrayOutputStream();

		@Override
		public void write(int b) throws IOException {
			write(new byte[] { (byte) b }, 0, 1);
		}

		@Override
		public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
			ByteArrayOutputStream head = this.head;
			if (head == null) {
				writeData(bytes, offset, length);
				return;
			}
			head.write(bytes, offset, length);
			byte[] all = head.toByteArray();
			int end = Http2Exchange.endOfHead(all);
			if (end >= 0) {
				this.head = null;
				Http2HeadersFrame request = Http2Socket.this.exchange.request(all, end,
						stream().parent().pipeline().get(SslHandler.class) != null);
				await(stream().writeAndFlush(request));
				if (end < all.length) {
					writeData(all, end, all.length - end);
				}
			}
		}

		private void writeData(byte[] bytes, int offset, int length) throws IOException {
			ByteBuf copy = Unpooled.copiedBuffer(bytes, offset, length);
			int padding = Http2Socket.this.connection.nextPadding();
			await(stream().writeAndFlush(new DefaultHttp2DataFrame(copy, false, padding)));
		}

	}

}
