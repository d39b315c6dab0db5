package dev.wspolicy.test;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.NettyPipeline;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;

/**
 * A client or an upstream on a real socket, which a test plays. What it receives is kept
 * in order until it is expected. An expectation waits, for at most 10 seconds, and fails
 * if something else comes. Pings and close frames are answered as WebSocket endpoints do.
 * Safe from any thread.
 */
public final class SocketPeer {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	/** What stands for a connection that ends without a close frame. */
	private static final int LOST = 1006;

	private final String name;

	private final HttpHeaders headers;

	private final @Nullable String subprotocol;

	private final Runnable disconnect;

	private final ReceivedFrames received = new ReceivedFrames();

	private final Sinks.Many<WebSocketFrame> toSend = Sinks.unsafe().many().unicast().onBackpressureBuffer();

	private volatile boolean closeReceived;

	private SocketPeer(String name, HttpHeaders headers, @Nullable String subprotocol, Runnable disconnect) {
		this.name = name;
		this.headers = headers;
		this.subprotocol = subprotocol;
		this.disconnect = disconnect;
	}

	static SocketPeer open(String name, HttpHeaders headers, WebsocketInbound in) {
		AtomicReference<@Nullable Channel> holder = new AtomicReference<>();
		in.withConnection((connection) -> holder.set(connection.channel()));
		Channel channel = Objects.requireNonNull(holder.get());
		channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, null, new SingleClose());
		SocketPeer peer = new SocketPeer(name, headers, in.selectedSubprotocol(), channel::close);
		channel.closeFuture().addListener((closed) -> peer.onDisconnected());
		return peer;
	}

	/** Plays the peer until its connection ends. */
	Publisher<Void> play(WebsocketInbound in, WebsocketOutbound out) {
		Mono<Void> receive = in.receiveFrames()
			.doOnNext((frame) -> this.received.add(WireFrame.of(frame)))
			.then()
			.onErrorComplete()
			.doFinally((signal) -> end());
		Mono<Void> closed = in.receiveCloseStatus()
			.filter((status) -> status.code() != LOST)
			.doOnNext(this::onClose)
			.then();
		Mono<Void> send = out.sendObject(this.toSend.asFlux(), (frame) -> true).then();
		return Mono.whenDelayError(receive, closed, send.onErrorComplete());
	}

	private void onDisconnected() {
		if (!this.closeReceived) {
			this.received.add(WireFrame.close(LOST, "connection lost"));
		}
	}

	private void onClose(WebSocketCloseStatus status) {
		this.closeReceived = true;
		this.received.add(WireFrame.close(status.code(), status.reasonText()));
	}

	private synchronized void end() {
		this.toSend.tryEmitComplete();
	}

	/**
	 * Sends a text message.
	 * @param text the text
	 * @return this peer
	 */
	public SocketPeer send(String text) {
		return send(TextFrame.of(text));
	}

	/**
	 * Sends a binary message.
	 * @param bytes the payload
	 * @return this peer
	 */
	public SocketPeer send(byte[] bytes) {
		return send(BinaryFrame.of(bytes));
	}

	/**
	 * Sends a frame. Nothing happens if the connection is closed.
	 * @param frame a message, a fragment, a ping or a pong
	 * @return this peer
	 * @throws IllegalArgumentException if the frame is a close frame, for which there is
	 * {@link #close(CloseStatus)}
	 */
	public synchronized SocketPeer send(Frame frame) {
		if (frame instanceof CloseFrame) {
			throw new IllegalArgumentException("frame: " + frame + " (expected: any but a close frame; use close)");
		}
		this.toSend.tryEmitNext(WireFrame.of(frame).toNetty());
		return this;
	}

	/**
	 * Begins the closing handshake. The answer can be expected as any other frame.
	 * @param status the status
	 */
	public synchronized void close(CloseStatus status) {
		// Not Reactor Netty's own, which does not wait for the answer.
		this.toSend.tryEmitNext(WireFrame.of(CloseFrame.of(status)).toNetty());
		end();
	}

	/**
	 * Closes the connection without a closing handshake.
	 */
	public void disconnect() {
		this.disconnect.run();
	}

	/**
	 * Expects a text message next, in one frame or in fragments.
	 * @param text the text
	 * @return this peer
	 */
	public SocketPeer expect(String text) {
		return expect(TextFrame.of(text));
	}

	/**
	 * Expects a binary message next, in one frame or in fragments.
	 * @param bytes the payload
	 * @return this peer
	 */
	public SocketPeer expect(byte[] bytes) {
		return expect(BinaryFrame.of(bytes));
	}

	/**
	 * Expects a frame next.
	 * @param frame a whole message or a pong
	 * @return this peer
	 */
	public SocketPeer expect(Frame frame) {
		WireFrame expected = WireFrame.of(frame);
		return expect(expected.describe(), expected::isSame);
	}

	/**
	 * Expects a close frame next.
	 * @param status the status
	 */
	public void expectClosed(CloseStatus status) {
		expect("close " + status, (frame) -> frame.isClose(status));
	}

	/**
	 * Expects a close frame next, with any reason.
	 * @param code the status code
	 */
	public void expectClosed(int code) {
		expect("close " + code, (frame) -> frame.isClose(code));
	}

	/**
	 * Expects that the connection ends without a close frame.
	 */
	public void expectDisconnected() {
		expect("disconnected", (frame) -> frame.isClose(LOST));
	}

	private SocketPeer expect(String description, Predicate<WireFrame> expected) {
		WireFrame actual = this.received.next(PATIENCE.toNanos());
		if (actual == null || !expected.test(actual)) {
			throw new AssertionError("Expected the " + this.name + " to get " + description + ", but it got "
					+ ((actual != null) ? actual.describe() : "nothing within " + PATIENCE.toSeconds() + " seconds")
					+ ".");
		}
		return this;
	}

	/**
	 * Returns a header of the handshake: of the request that the upstream has received,
	 * or of the response that the client has received.
	 * @param header the name of the header
	 * @return its first value, or {@code null} if there is none
	 */
	public @Nullable String header(String header) {
		return this.headers.get(header);
	}

	/**
	 * Returns the subprotocol that the upstream has selected.
	 * @return the name, or {@code null} if there is none
	 */
	public @Nullable String subprotocol() {
		return this.subprotocol;
	}

	@Override
	public String toString() {
		return this.name;
	}

	/**
	 * Writes the first close frame only, because Reactor Netty answers even an answer,
	 * and closes the connection after that.
	 */
	private static final class SingleClose extends ChannelOutboundHandlerAdapter {

		private boolean sent;

		@Override
		public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
			if (!(message instanceof CloseWebSocketFrame)) {
				context.write(message, promise);
			}
			else if (!this.sent) {
				this.sent = true;
				context.write(message, promise);
			}
			else {
				ReferenceCountUtil.release(message);
				promise.trySuccess();
			}
		}

	}

}
