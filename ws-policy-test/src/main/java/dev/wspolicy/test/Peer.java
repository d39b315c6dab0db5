package dev.wspolicy.test;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.Side;

/**
 * The far end of one leg: sends what a test tells it to, keeps what it receives, and
 * takes part in the closing handshake as every WebSocket endpoint does.
 */
final class Peer extends SimpleChannelInboundHandler<WebSocketFrame> {

	private final Side side;

	private final Channel channel;

	private final Transcript transcript;

	private final ReceivedFrames received = new ReceivedFrames();

	private boolean closeSent;

	private boolean closeReceived;

	private boolean disconnecting;

	Peer(Side side, Channel channel, Transcript transcript) {
		this.side = side;
		this.channel = channel;
		this.transcript = transcript;
		PeerCodec.add(side, channel);
		channel.pipeline().addLast(this);
	}

	Side side() {
		return this.side;
	}

	String name() {
		return (this.side == Side.CLIENT) ? "client" : "upstream";
	}

	/** Sends a frame, unless the connection is closed. */
	void send(WireFrame frame) {
		if (!this.channel.isActive()) {
			throw new IllegalStateException("The " + name() + " cannot send " + frame.describe()
					+ ": its connection is closed." + this.transcript.appendix());
		}
		this.transcript.add(name() + " sends " + frame.describe());
		this.closeSent |= frame.type() == FrameType.CLOSE;
		this.channel.writeAndFlush(frame.toNetty(), this.channel.voidPromise());
		closeAfterHandshake();
	}

	/** Closes the connection without a closing handshake. */
	void disconnect() {
		this.transcript.add(name() + " disconnects");
		this.disconnecting = true;
		this.channel.close();
	}

	@Override
	protected void channelRead0(ChannelHandlerContext context, WebSocketFrame message) {
		WireFrame frame = WireFrame.of(message);
		this.transcript.add(name() + " gets " + frame.describe());
		this.received.add(frame);
		if (frame.type() == FrameType.CLOSE) {
			this.closeReceived = true;
			// Later, as from a network: the gateway is writing at this moment.
			context.channel().eventLoop().execute(() -> onClose(frame));
		}
	}

	private void onClose(WireFrame frame) {
		if (!this.closeSent && this.channel.isActive()) {
			send(frame);
		}
		closeAfterHandshake();
	}

	private void closeAfterHandshake() {
		if (this.closeSent && this.closeReceived && !this.disconnecting) {
			this.disconnecting = true;
			this.channel.eventLoop().execute(this.channel::close);
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		if (!this.disconnecting) {
			this.transcript.add(name() + " is disconnected");
		}
		context.fireChannelInactive();
	}

	/** Returns what has been received and no expectation has taken. */
	ReceivedFrames received() {
		return this.received;
	}

}
