package dev.wspolicy.frame;

import org.jspecify.annotations.Nullable;

/**
 * The frame types of <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC
 * 6455, section 5.2</a>.
 */
public enum FrameType {

	/**
	 * A further fragment of a message that began with a {@link #TEXT} or {@link #BINARY}
	 * frame.
	 */
	CONTINUATION(0x0),

	/**
	 * Text in UTF-8: a whole message, or the first fragment of one.
	 */
	TEXT(0x1),

	/**
	 * Bytes: a whole message, or the first fragment of one.
	 */
	BINARY(0x2),

	/**
	 * Begins or answers the closing handshake.
	 */
	CLOSE(0x8),

	/**
	 * Asks whether the peer is alive.
	 */
	PING(0x9),

	/**
	 * Answers a ping, or is sent unasked as a heartbeat.
	 */
	PONG(0xA);

	private static final @Nullable FrameType[] BY_OPCODE = byOpcode();

	private final int opcode;

	FrameType(int opcode) {
		this.opcode = opcode;
	}

	/**
	 * Returns the opcode.
	 * @return the four bits that stand for this type on the wire
	 */
	public int opcode() {
		return this.opcode;
	}

	/**
	 * Whether this is a type of control frames, which are never fragmented and carry at
	 * most 125 bytes (RFC 6455, section 5.5).
	 * @return {@code true} for close, ping and pong
	 */
	public boolean isControl() {
		return this.opcode >= 0x8;
	}

	/**
	 * Whether this is a type of data frames, which carry a message or a part of one.
	 * @return {@code true} for text, binary and continuation
	 */
	public boolean isData() {
		return !isControl();
	}

	/**
	 * Returns the type with the given opcode.
	 * @param opcode four bits
	 * @return the type, or {@code null} if the opcode is reserved
	 */
	public static @Nullable FrameType of(int opcode) {
		return BY_OPCODE[opcode & 0xF];
	}

	private static @Nullable FrameType[] byOpcode() {
		@Nullable FrameType[] types = new FrameType[16];
		for (FrameType type : values()) {
			types[type.opcode] = type;
		}
		return types;
	}

}
