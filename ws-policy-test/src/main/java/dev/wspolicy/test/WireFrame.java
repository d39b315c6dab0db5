package dev.wspolicy.test;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;

/**
 * A frame as a peer sends or receives it: a whole message, a fragment or a control frame.
 *
 * @param type the type
 * @param fin whether it ends its message
 * @param payload the payload, never written to
 */
record WireFrame(FrameType type, boolean fin, byte[] payload) {

	/** Longer payloads are cut in descriptions. */
	private static final int SHOWN = 200;

	static WireFrame of(Frame frame) {
		return new WireFrame(frame.type(), frame.fin(), frame.toByteArray());
	}

	static WireFrame of(WebSocketFrame frame) {
		return new WireFrame(type(frame), frame.isFinalFragment(), ByteBufUtil.getBytes(frame.content()));
	}

	private static FrameType type(WebSocketFrame frame) {
		if (frame instanceof TextWebSocketFrame) {
			return FrameType.TEXT;
		}
		if (frame instanceof BinaryWebSocketFrame) {
			return FrameType.BINARY;
		}
		if (frame instanceof ContinuationWebSocketFrame) {
			return FrameType.CONTINUATION;
		}
		if (frame instanceof PingWebSocketFrame) {
			return FrameType.PING;
		}
		return (frame instanceof PongWebSocketFrame) ? FrameType.PONG : FrameType.CLOSE;
	}

	/** Creates one of the fragments of a text message. */
	static WireFrame fragment(int index, int count, byte[] payload) {
		return new WireFrame((index == 0) ? FrameType.TEXT : FrameType.CONTINUATION, index == count - 1, payload);
	}

	/** Whether two frames have the same type, FIN bit and payload. */
	boolean isSame(WireFrame other) {
		return this.type == other.type && this.fin == other.fin && Arrays.equals(this.payload, other.payload);
	}

	/** Creates a close frame, with any code; 1005 stands for none. */
	static WireFrame close(int code, String reason) {
		if (code == CloseStatus.EMPTY.code()) {
			return of(CloseFrame.of(CloseStatus.EMPTY));
		}
		byte[] text = reason.getBytes(StandardCharsets.UTF_8);
		byte[] payload = Arrays.copyOf(new byte[] { (byte) (code >> 8), (byte) code }, 2 + text.length);
		System.arraycopy(text, 0, payload, 2, text.length);
		return new WireFrame(FrameType.CLOSE, true, payload);
	}

	/** Joins the fragments of a message. */
	static WireFrame join(List<WireFrame> fragments) {
		ByteArrayOutputStream payload = new ByteArrayOutputStream();
		fragments.forEach((fragment) -> payload.writeBytes(fragment.payload));
		return new WireFrame(fragments.get(0).type, true, payload.toByteArray());
	}

	WebSocketFrame toNetty() {
		ByteBuf content = Unpooled.wrappedBuffer(this.payload);
		return switch (this.type) {
			case TEXT -> new TextWebSocketFrame(this.fin, 0, content);
			case BINARY -> new BinaryWebSocketFrame(this.fin, 0, content);
			case CONTINUATION -> new ContinuationWebSocketFrame(this.fin, 0, content);
			case PING -> new PingWebSocketFrame(content);
			case PONG -> new PongWebSocketFrame(content);
			case CLOSE -> new CloseWebSocketFrame(true, 0, content);
		};
	}

	boolean isControl() {
		return switch (this.type) {
			case TEXT, BINARY, CONTINUATION -> false;
			case PING, PONG, CLOSE -> true;
		};
	}

	String text() {
		return new String(this.payload, StandardCharsets.UTF_8);
	}

	/** Whether this is a close frame with a status. */
	boolean isClose(CloseStatus status) {
		return this.type == FrameType.CLOSE && isSame(of(CloseFrame.of(status)));
	}

	/** Whether this is a close frame with a code, whatever its reason is. */
	boolean isClose(int code) {
		return this.type == FrameType.CLOSE && closeCode() == code;
	}

	private int closeCode() {
		return (this.payload.length < 2) ? CloseStatus.EMPTY.code()
				: (this.payload[0] & 0xFF) << 8 | (this.payload[1] & 0xFF);
	}

	String describe() {
		return switch (this.type) {
			case TEXT -> this.fin ? "text " + quoted() : "text fragment " + quoted();
			case BINARY -> this.fin ? "binary " + hex() : "binary fragment " + hex();
			case CONTINUATION -> (this.fin ? "last fragment " : "fragment ") + quoted();
			case PING, PONG ->
				((this.type == FrameType.PING) ? "ping" : "pong") + ((this.payload.length > 0) ? " " + hex() : "");
			case CLOSE -> describeClose();
		};
	}

	private String describeClose() {
		if (this.payload.length < 2) {
			return "close " + CloseStatus.EMPTY;
		}
		String reason = new String(this.payload, 2, this.payload.length - 2, StandardCharsets.UTF_8);
		return "close " + closeCode() + (reason.isEmpty() ? "" : " " + reason);
	}

	private String quoted() {
		String text = text();
		return '"' + ((text.length() > SHOWN) ? text.substring(0, SHOWN) + "..." : text) + '"';
	}

	private String hex() {
		int shown = Math.min(this.payload.length, SHOWN / 4);
		String bytes = HexFormat.of().formatHex(this.payload, 0, shown);
		return "[" + bytes + ((shown < this.payload.length) ? "..., " + this.payload.length + " bytes" : "") + "]";
	}

}
