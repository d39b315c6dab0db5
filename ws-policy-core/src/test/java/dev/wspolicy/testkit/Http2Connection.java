package dev.wspolicy.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

import javax.net.ssl.SSLContext;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2SettingsFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of an HTTP/2 connection, each of whose streams is a socket in the
 * hands of a test.
 */
public final class Http2Connection implements AutoCloseable {

	private static final int DEFAULT_WINDOW = 65_535;

	private static final MultiThreadIoEventLoopGroup LOOP = new MultiThreadIoEventLoopGroup(1,
			new DefaultThreadFactory("raw-http2", true), NioIoHandler.newFactory());

	private final Channel channel;

	private final CountDownLatch settings = new CountDownLatch(1);

	private final Queue<Http2Error> goAways = new ConcurrentLinkedQueue<>();

	private final Queue<Http2Error> resets = new ConcurrentLinkedQueue<>();

	private volatile IntSupplier padding = () -> 0;

	private volatile @Nullable Http2Settings serverSettings;

	private Http2Connection(int port, @Nullable SSLContext tls, int window, @Nullable InetAddress localAddress)
			throws IOException {
		int streamWindow = (window > 0) ? window : DEFAULT_WINDOW;
		Bootstrap bootstrap = new Bootstrap().group(LOOP)
			.channel(NioSocketChannel.class)
			.handler(new ChannelInitializer<Channel>() {

				@Override
				protected void initChannel(Channel channel) {
					initialize(channel, port, tls, streamWindow);
				}

			});
		if (localAddress != null) {
			bootstrap.localAddress(localAddress, 0);
		}
		this.channel = bootstrap.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
			.awaitUninterruptibly()
			.channel();
		this.channel.eventLoop().submit(this::widenWindow).awaitUninterruptibly();
		awaitSettings();
	}

	/**
	 * Connects to a server on this machine, and waits for its settings.
	 */
	public static Http2Connection to(int port) {
		return open(port, null, 0, null);
	}

	static Http2Connection open(int port, @Nullable SSLContext tls, int window, @Nullable InetAddress localAddress) {
		try {
			return new Http2Connection(port, tls, window, localAddress);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void initialize(Channel channel, int port, @Nullable SSLContext tls, int window) {
		if (tls != null) {
			channel.pipeline()
				.addLast(new JdkSslContext(tls, true, null, IdentityCipherSuiteFilter.INSTANCE,
						new ApplicationProtocolConfig(Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE,
								SelectedListenerFailureBehavior.ACCEPT, ApplicationProtocolNames.HTTP_2),
						ClientAuth.NONE, null, false)
					.newHandler(channel.alloc(), "localhost", port));
		}
		channel.pipeline()
			.addLast(Http2FrameCodecBuilder.forClient()
				.initialSettings(Http2Settings.defaultSettings().initialWindowSize(window).pushEnabled(false))
				.build())
			.addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()))
			.addLast(new ConnectionFrames());
	}

	/** A stream that a test does not read must not keep others from receiving. */
	private @Nullable Void widenWindow() throws Http2Exception {
		io.netty.handler.codec.http2.Http2Connection http2 = this.channel.pipeline()
			.get(Http2FrameCodec.class)
			.connection();
		http2.local().flowController().incrementWindowSize(http2.connectionStream(), 16 * 1024 * 1024);
		this.channel.flush();
		return null;
	}

	private void awaitSettings() throws IOException {
		try {
			if (!this.settings.await(RawPeer.DEFAULT_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
					|| this.serverSettings == null) {
				this.channel.close();
				throw new IOException("The server has sent no settings of HTTP/2");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException(ex);
		}
	}

	/**
	 * Pads the DATA frames from now on.
	 * @param padding supplies the number of bytes for each, from 0 to 256
	 */
	public Http2Connection padding(IntSupplier padding) {
		this.padding = padding;
		return this;
	}

	int nextPadding() {
		return this.padding.getAsInt();
	}

	/**
	 * Whether the server accepts extended CONNECT requests.
	 */
	public boolean supportsExtendedConnect() {
		Http2Settings settings = this.serverSettings;
		return settings != null && Boolean.TRUE.equals(settings.connectProtocolEnabled());
	}

	/**
	 * The settings that the server has sent.
	 */
	public @Nullable Http2Settings settings() {
		return this.serverSettings;
	}

	/**
	 * The error codes of the GOAWAY frames that have come so far.
	 */
	public List<Http2Error> goAways() {
		return List.copyOf(this.goAways);
	}

	/**
	 * The error codes of the RST_STREAM frames that have come so far.
	 */
	public List<Http2Error> resets() {
		return List.copyOf(this.resets);
	}

	void onReset(long code) {
		this.resets.add(Http2Error.valueOf(code));
	}

	/**
	 * The number of streams that neither end has closed.
	 */
	public int openStreams() {
		return codec().connection().numActiveStreams();
	}

	/**
	 * Opens a stream. A request like one of HTTP/1.1 that is written to it is sent as one
	 * of HTTP/2, and the response is read in the same way.
	 * @param ownsConnection whether the connection is closed with the stream
	 */
	public Socket openStream(boolean ownsConnection) throws IOException {
		return openStream(ownsConnection, false);
	}

	Http2Socket openStream(boolean ownsConnection, boolean ended) throws IOException {
		Http2Socket socket = new Http2Socket(this, ownsConnection, ended);
		Http2StreamChannel stream = new Http2StreamChannelBootstrap(this.channel).handler(socket.handler())
			.open()
			.awaitUninterruptibly()
			.getNow();
		if (stream == null) {
			throw new IOException("No stream can be opened");
		}
		socket.attach(stream);
		return socket;
	}

	/**
	 * The number of the stream that was opened last.
	 */
	public int lastStream() {
		return codec().connection().local().lastStreamCreated();
	}

	/**
	 * Sends DATA frames of one byte, even if the stream has ended, as if they had been
	 * under way then.
	 */
	public void sendData(int stream, int frames) {
		onEventLoop((context) -> {
			for (int i = 0; i < frames; i++) {
				codec().encoder()
					.frameWriter()
					.writeData(context, stream, Unpooled.wrappedBuffer(new byte[1]), 0, false, context.newPromise());
			}
		});
	}

	/**
	 * Sends a WINDOW_UPDATE that widens nothing, which is an error of the stream.
	 */
	public void sendEmptyWindowUpdate(int stream) {
		onEventLoop((context) -> codec().encoder()
			.frameWriter()
			.writeWindowUpdate(context, stream, 0, context.newPromise()));
	}

	/**
	 * Sends a GOAWAY that accepts no stream of the server, as a client does that opens no
	 * further ones.
	 */
	public void sendGoAway() {
		onEventLoop((context) -> codec().encoder()
			.frameWriter()
			.writeGoAway(context, 0, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, context.newPromise()));
	}

	/**
	 * Changes the window of all streams by SETTINGS, without any WINDOW_UPDATE.
	 */
	public void resizeWindows(int window) {
		onEventLoop((context) -> context.channel()
			.writeAndFlush(new DefaultHttp2SettingsFrame(new Http2Settings().initialWindowSize(window))));
	}

	private void onEventLoop(Consumer<ChannelHandlerContext> action) {
		this.channel.eventLoop().submit(() -> {
			action.accept(this.channel.pipeline().context(codec()));
			this.channel.flush();
		}).awaitUninterruptibly();
	}

	private Http2FrameCodec codec() {
		return this.channel.pipeline().get(Http2FrameCodec.class);
	}

	/**
	 * Aborts the connection with all its streams.
	 */
	public void reset() {
		this.channel.config().setOption(ChannelOption.SO_LINGER, 0);
		close();
	}

	/**
	 * Ends TLS with a close_notify, which concerns all streams, and leaves TCP open.
	 */
	void endTls() {
		this.channel.pipeline().get(SslHandler.class).closeOutbound().awaitUninterruptibly();
	}

	/**
	 * Sends bytes that are not TLS, which concern all streams.
	 */
	public void breakTls() {
		this.channel.pipeline()
			.context(SslHandler.class)
			.writeAndFlush(Unpooled.copiedBuffer("not TLS", StandardCharsets.US_ASCII))
			.awaitUninterruptibly();
	}

	public boolean isOpen() {
		return this.channel.isOpen();
	}

	/**
	 * Waits until the server has closed the connection.
	 */
	public boolean awaitClose() {
		return this.channel.closeFuture().awaitUninterruptibly(RawPeer.DEFAULT_TIMEOUT.toMillis());
	}

	/**
	 * Closes the connection with all its streams, without a GOAWAY.
	 */
	@Override
	public void close() {
		this.channel.eventLoop().execute(() -> this.channel.unsafe().close(this.channel.voidPromise()));
	}

	private final class ConnectionFrames extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			if (message instanceof Http2SettingsFrame frame) {
				Http2Connection.this.serverSettings = frame.settings();
				Http2Connection.this.settings.countDown();
			}
			else if (message instanceof Http2GoAwayFrame frame) {
				Http2Connection.this.goAways.add(Http2Error.valueOf(frame.errorCode()));
			}
			ReferenceCountUtil.release(message);
		}

		@Override
		public void channelInactive(ChannelHandlerContext context) {
			Http2Connection.this.settings.countDown();
			context.fireChannelInactive();
		}

		@Override
		public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
			context.close();
		}

	}

}
