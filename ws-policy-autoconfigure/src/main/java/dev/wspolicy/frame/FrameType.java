package dev.wspolicy.frame;

import org.jspecify.annotations.Nullable;

/**
 * The frame types of <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC
 * 6455, section 5.2</a>.
 */
public enum FrameType {

	/**
	 * A fragment of a message that an earlier {@link #TEXT} or {@link #BINARY} frame has
	 * begun.
	 */
	CONTINUATION(0x0),

	/**
	 * Text in UTF-8: a whole message, or its first fragment.
	 */
	TEXT(0x1),

	/**
	 * Bytes: a whole message, or its first fragment.
	 */
	BINARY(0x2),

	/**
	 * The closing handshake.
	 */
	CLOSE(0x8),

	/**
	 * A question whether the peer is alive.
	 */
	PING(0x9),

	/**
	 * The answer to a ping, or a heartbeat of its own.
	 */
	PONG(0xA);

	private static final @Nullable FrameType[] BY_OPCODE = byOpcode();

	private final int opcode;

	FrameType(int opcode) {
		this.opcode = opcode;
	}

	/**
	 * The four bits that name this type on the wire.
	 * @return the opcode
	 */
	public int opcode() {
		return this.opcode;
	}

	/**
	 * Whether frames of this type steer the connection: they are never fragmented and
	 * carry at most 125 bytes.
	 * @return {@code true} for close, ping and pong
	 */
	public boolean isControl() {
		return this.opcode >= 0x8;
	}

	/**
	 * Whether frames of this type carry a message or a part of one.
	 * @return {@code true} for text, binary and continuation
	 */
	public boolean isData() {
		return !isControl();
	}

	/**
	 * The type with the given opcode.
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
