package dev.wspolicy.test;

import java.util.Arrays;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.Side;

/**
 * The far end of one leg in a replay. Sends what has been recorded, answers close frames
 * and the pings of the gateway, and keeps nothing of what it receives.
 */
final class ReplayPeer extends SimpleChannelInboundHandler<WebSocketFrame> {

	private final Channel channel;

	/** The payload of the gateway's own pings; pings of the other peer are relayed. */
	private byte @Nullable [] heartbeat;

	private boolean closeSent;

	private boolean closeReceived;

	ReplayPeer(Side side, Channel channel) {
		this.channel = channel;
		PeerCodec.add(side, channel);
		channel.pipeline().addLast(this);
	}

	/**
	 * Sends a frame, unless the peer has closed already.
	 * @return whether the frame has been sent
	 */
	boolean send(WireFrame frame) {
		if (this.closeSent || !this.channel.isActive()) {
			return false;
		}
		this.closeSent = frame.type() == FrameType.CLOSE;
		this.channel.writeAndFlush(frame.toNetty(), this.channel.voidPromise());
		closeAfterHandshake();
		return true;
	}

	void disconnect() {
		this.channel.close();
	}

	/** The gateway is about to send a ping of its own. */
	void expectHeartbeat(byte[] payload) {
		this.heartbeat = payload;
	}

	@Override
	protected void channelRead0(ChannelHandlerContext context, WebSocketFrame message) {
		WireFrame frame = WireFrame.of(message);
		if (frame.type() == FrameType.CLOSE) {
			this.closeReceived = true;
			// Later, as from a network: the gateway is writing at this moment.
			context.channel().eventLoop().execute(() -> {
				send(frame);
				closeAfterHandshake();
			});
		}
		else if (message instanceof PingWebSocketFrame && Arrays.equals(this.heartbeat, frame.payload())) {
			WireFrame pong = new WireFrame(FrameType.PONG, true, frame.payload());
			context.channel().eventLoop().execute(() -> send(pong));
		}
	}

	private void closeAfterHandshake() {
		if (this.closeSent && this.closeReceived) {
			this.channel.eventLoop().execute(this.channel::close);
		}
	}

}
