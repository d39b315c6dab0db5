package dev.wspolicy.proving.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * Decodes with Netty's decoder of frames, and validates text with the JDK's decoder of
 * UTF-8.
 */
final class NettyOracle implements AutoCloseable {

	private final EmbeddedChannel channel;

	private final TextRule textRule;

	private final Reading reading = new Reading();

	private final ByteArrayOutputStream message = new ByteArrayOutputStream();

	private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();

	/** The bytes of a character that is split between two fragments. */
	private byte[] split = new byte[0];

	private String type = "";

	/**
	 * Creates a decoder.
	 * @param masked whether frames must be masked, or must not
	 * @param limit how many bytes a frame may have
	 * @param textRule when text is validated
	 */
	NettyOracle(boolean masked, int limit, TextRule textRule) {
		this.textRule = textRule;
		WebSocketDecoderConfig config = WebSocketDecoderConfig.newBuilder()
			.expectMaskedFrames(masked)
			.allowMaskMismatch(false)
			.allowExtensions(false)
			.maxFramePayloadLength(limit)
			.closeOnProtocolViolation(false)
			.withUTF8Validator(false)
			.build();
		this.channel = new EmbeddedChannel(new WebSocket13FrameDecoder(config));
	}

	Reading reading() {
		return this.reading;
	}

	/**
	 * Decodes what a peer sends next.
	 * @param bytes the bytes
	 */
	void read(ByteBuf bytes) {
		if (this.reading.isOver()) {
			bytes.release();
			return;
		}
		try {
			this.channel.writeInbound(bytes);
		}
		catch (CorruptedWebSocketFrameException ex) {
			take();
			// A close frame with a wrong code may also have a reason that is not UTF-8.
			boolean badClose = String.valueOf(ex.getMessage()).startsWith("Invalid close frame");
			fail(ex.closeStatus().code(), badClose);
			return;
		}
		catch (DecoderException ex) {
			throw new IllegalStateException("an error without a code", ex);
		}
		take();
	}

	void read(byte[] bytes) {
		read(Unpooled.wrappedBuffer(bytes));
	}

	private void fail(int code, boolean badClose) {
		if (!this.reading.isOver()) {
			this.reading.error = code;
			this.reading.alternative = badClose ? 1002 + 1007 - code : 0;
		}
	}

	private void take() {
		for (WebSocketFrame frame = this.channel.readInbound(); frame != null; frame = this.channel.readInbound()) {
			byte[] payload = ByteBufUtil.getBytes(frame.content());
			if (!this.reading.isOver()) {
				take(frame, payload);
			}
			frame.release();
		}
	}

	private void take(WebSocketFrame frame, byte[] payload) {
		if (frame instanceof PingWebSocketFrame) {
			this.reading.add("ping", payload);
		}
		else if (frame instanceof PongWebSocketFrame) {
			this.reading.add("pong", payload);
		}
		else if (frame instanceof CloseWebSocketFrame close) {
			int code = (payload.length == 0) ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
			if (code >= 5000) {
				// Netty takes them for valid; RFC 6455, section 7.4.2, does not.
				fail(1002, true);
			}
			else {
				this.reading.close = code;
			}
		}
		else {
			takeData(frame, payload);
		}
	}

	private void takeData(WebSocketFrame frame, byte[] payload) {
		if (!(frame instanceof ContinuationWebSocketFrame)) {
			this.type = (frame instanceof TextWebSocketFrame) ? "text" : "binary";
			this.message.reset();
			this.decoder.reset();
			this.split = new byte[0];
			if (!(frame instanceof TextWebSocketFrame || frame instanceof BinaryWebSocketFrame)) {
				throw new IllegalStateException(frame.toString());
			}
		}
		this.message.writeBytes(payload);
		boolean fin = frame.isFinalFragment();
		if (this.type.equals("text") && this.textRule == TextRule.FRAME && !isValid(payload, fin)) {
			fail(1007, false);
		}
		else if (fin && this.type.equals("text") && this.textRule == TextRule.MESSAGE
				&& !isValid(this.message.toByteArray(), true)) {
			fail(1007, false);
		}
		else if (fin) {
			this.reading.add(this.type, this.message.toByteArray());
		}
	}

	private boolean isValid(byte[] bytes, boolean last) {
		ByteBuffer in = ByteBuffer.allocate(this.split.length + bytes.length).put(this.split).put(bytes).flip();
		CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
		CoderResult result = this.decoder.decode(in, out, last);
		this.split = new byte[in.remaining()];
		in.get(this.split);
		return !result.isError();
	}

	@Override
	public void close() {
		this.channel.finishAndReleaseAll();
	}

	/** When text is validated. */
	enum TextRule {

		/** Never. */
		NEVER,

		/** Frame by frame. */
		FRAME,

		/** When the message is complete. */
		MESSAGE

	}

}
