package dev.wspolicy.relay;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.Utf8;
import dev.wspolicy.session.Side;

/**
 * A frame as a script writes it down: what stands on the wire, right or wrong.
 *
 * @param firstByte FIN, RSV bits and opcode
 * @param payload the payload, unmasked
 * @param claimed the length that the header claims
 * @param wrongMask whether the mask bit is not what it has to be
 * @param minimal whether the length has its shortest form
 */
record ScriptFrame(int firstByte, ByteBuffer payload, long claimed, boolean wrongMask, boolean minimal) {

	private static final int FIN = 0x80;

	static ScriptFrame of(FrameType type, boolean fin, byte[] payload) {
		return new ScriptFrame(type.opcode() | (fin ? FIN : 0), ByteBuffer.wrap(payload), payload.length, false, true);
	}

	static ScriptFrame of(Frame frame) {
		return of(frame.type(), frame.fin(), frame.toByteArray());
	}

	ScriptFrame firstByte(int firstByte) {
		return new ScriptFrame(firstByte, this.payload, this.claimed, this.wrongMask, this.minimal);
	}

	ScriptFrame rsv(int bits) {
		return firstByte(this.firstByte | bits << 4);
	}

	ScriptFrame opcode(int opcode) {
		return firstByte((this.firstByte & 0xF0) | opcode);
	}

	ScriptFrame unfinished() {
		return firstByte(this.firstByte & ~FIN);
	}

	ScriptFrame wronglyMasked() {
		return new ScriptFrame(this.firstByte, this.payload, this.claimed, true, this.minimal);
	}

	ScriptFrame longForm() {
		return new ScriptFrame(this.firstByte, this.payload, this.claimed, this.wrongMask, false);
	}

	/** The header alone; what it claims to follow need not exist. */
	ScriptFrame claiming(long length) {
		return new ScriptFrame(this.firstByte, this.payload, length, this.wrongMask, this.minimal);
	}

	FrameType type() {
		FrameType type = FrameType.of(this.firstByte);
		if (type == null) {
			throw new AssertionError("The relay took an opcode that is reserved: " + this);
		}
		return type;
	}

	boolean fin() {
		return (this.firstByte & FIN) != 0;
	}

	boolean masked(Side from) {
		return (from == Side.CLIENT) != this.wrongMask;
	}

	byte[] bytes() {
		return this.payload.array().clone();
	}

	@Override
	public String toString() {
		FrameType type = FrameType.of(this.firstByte);
		String name = (type != null) ? type.name().toLowerCase(Locale.ROOT) : "opcode " + (this.firstByte & 0xF);
		return name + (fin() ? "" : "...") + "(" + content(type) + ")";
	}

	private String content(@Nullable FrameType type) {
		try {
			return (type == FrameType.CLOSE)
					? ((CloseFrame) FrameAccess.frame(type, true, new ScriptPayload(bytes()))).status().toString()
					: Utf8.decode(bytes());
		}
		catch (IllegalArgumentException | InvalidUtf8Exception ex) {
			return HexFormat.of().formatHex(bytes());
		}
	}

}
