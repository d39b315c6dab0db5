package dev.wspolicy.test;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;

import dev.wspolicy.session.Side;

/**
 * How the far end of a leg reads and writes frames: as RFC 6455 demands, of any length,
 * and with no regard to whether text is valid.
 */
final class PeerCodec {

	private PeerCodec() {
	}

	/** Adds the codec of a side to the channel of its peer. */
	static void add(Side side, Channel channel) {
		WebSocketDecoderConfig decoder = WebSocketDecoderConfig.newBuilder()
			.expectMaskedFrames(side == Side.UPSTREAM)
			.allowMaskMismatch(false)
			.maxFramePayloadLength(Integer.MAX_VALUE)
			.withUTF8Validator(false)
			.build();
		channel.pipeline()
			.addLast(new WebSocket13FrameEncoder(side == Side.CLIENT), new WebSocket13FrameDecoder(decoder));
	}

}
