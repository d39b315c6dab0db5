package dev.wspolicy.testkit;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.zip.CRC32;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;

/**
 * One frame as it stands on the wire, right or wrong: nothing here keeps a test from
 * writing what RFC 6455 section 5.2 forbids.
 *
 * @param fin whether the FIN bit is set
 * @param rsv the three reserved bits, RSV1 being 4
 * @param opcode the opcode, 0 to 15
 * @param mask the masking key, four bytes, or {@code null} for a frame without one
 * @param lengthForm how the length is written; a form that is the shortest is always
 * {@link LengthForm#MINIMAL}
 * @param claimedLength the length that the header claims, unsigned; the payload's own in
 * an honest frame
 * @param payload the payload without its mask
 */
public record WireFrame(boolean fin, int rsv, int opcode, byte @Nullable [] mask, LengthForm lengthForm,
		long claimedLength, byte[] payload) {

	public static final int CONTINUATION = 0x0;

	public static final int TEXT = 0x1;

	public static final int BINARY = 0x2;

	public static final int CLOSE = 0x8;

	public static final int PING = 0x9;

	public static final int PONG = 0xA;

	/** The key of the masked examples in RFC 6455 section 5.7. */
	private static final int EXAMPLE_KEY = 0x37fa213d;

	private static final int SHOWN_BYTES = 40;

	public WireFrame {
		if (rsv < 0 || rsv > 7) {
			throw new IllegalArgumentException("rsv: " + rsv + " (expected: 0 to 7)");
		}
		if (opcode < 0 || opcode > 15) {
			throw new IllegalArgumentException("opcode: " + opcode + " (expected: 0 to 15)");
		}
		if (mask != null && mask.length != 4) {
			throw new IllegalArgumentException("mask: " + mask.length + " bytes (expected: 4)");
		}
		LengthForm shortest = LengthForm.shortestFor(claimedLength);
		if (lengthForm != LengthForm.MINIMAL && lengthForm.compareTo(shortest) < 0) {
			throw new IllegalArgumentException("lengthForm: " + lengthForm + " (too short for "
					+ Long.toUnsignedString(claimedLength) + " bytes)");
		}
		lengthForm = (lengthForm != shortest) ? lengthForm : LengthForm.MINIMAL;
		mask = (mask != null) ? mask.clone() : null;
		payload = payload.clone();
	}

	/**
	 * An unmasked final frame of any opcode, reserved ones included.
	 */
	public static WireFrame of(int opcode, byte... payload) {
		return new WireFrame(true, 0, opcode, null, LengthForm.MINIMAL, payload.length, payload);
	}

	public static WireFrame text(String text) {
		return of(TEXT, utf8(text));
	}

	/**
	 * A text frame whose bytes need not be UTF-8.
	 */
	public static WireFrame text(byte[] payload) {
		return of(TEXT, payload);
	}

	public static WireFrame binary(byte... payload) {
		return of(BINARY, payload);
	}

	public static WireFrame continuation(String text) {
		return of(CONTINUATION, utf8(text));
	}

	public static WireFrame continuation(byte... payload) {
		return of(CONTINUATION, payload);
	}

	public static WireFrame ping(String payload) {
		return of(PING, utf8(payload));
	}

	public static WireFrame ping(byte... payload) {
		return of(PING, payload);
	}

	public static WireFrame pong(String payload) {
		return of(PONG, utf8(payload));
	}

	public static WireFrame pong(byte... payload) {
		return of(PONG, payload);
	}

	/**
	 * A close frame without a code.
	 */
	public static WireFrame close() {
		return of(CLOSE);
	}

	public static WireFrame close(int code) {
		return close(code, "");
	}

	/**
	 * A close frame whose code and reason are not checked in any way.
	 */
	public static WireFrame close(int code, String reason) {
		byte[] text = utf8(reason);
		return of(CLOSE, ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
	}

	/**
	 * Reads one frame, however wrong it is.
	 * @throws java.io.EOFException if the stream ends before the frame does
	 */
	public static WireFrame read(InputStream input) throws IOException {
		DataInputStream data = new DataInputStream(input);
		int first = data.readUnsignedByte();
		int second = data.readUnsignedByte();
		LengthForm form = LengthForm.MINIMAL;
		long length = second & 0x7F;
		if (length == 126) {
			form = LengthForm.SIXTEEN_BIT;
			length = data.readUnsignedShort();
		}
		else if (length == 127) {
			form = LengthForm.SIXTY_FOUR_BIT;
			length = data.readLong();
		}
		if (length < 0 || length > Integer.MAX_VALUE - 8) {
			throw new IOException("A frame that claims " + Long.toUnsignedString(length) + " bytes");
		}
		byte @Nullable [] mask = null;
		if ((second & 0x80) != 0) {
			mask = new byte[4];
			data.readFully(mask);
		}
		// Not allocated from what the header claims: that much may never come
		byte[] payload = data.readNBytes((int) length);
		if (payload.length < length) {
			throw new EOFException("The frame ends after " + payload.length + " of " + length + " bytes");
		}
		applyMask(mask, payload, 0);
		return new WireFrame((first & 0x80) != 0, (first >> 4) & 0x7, first & 0xF, mask, form, length, payload);
	}

	public WireFrame fin(boolean fin) {
		return new WireFrame(fin, this.rsv, this.opcode, this.mask, this.lengthForm, this.claimedLength, this.payload);
	}

	public WireFrame rsv(int rsv) {
		return new WireFrame(this.fin, rsv, this.opcode, this.mask, this.lengthForm, this.claimedLength, this.payload);
	}

	public WireFrame opcode(int opcode) {
		return new WireFrame(this.fin, this.rsv, opcode, this.mask, this.lengthForm, this.claimedLength, this.payload);
	}

	public WireFrame mask(byte @Nullable [] mask) {
		return new WireFrame(this.fin, this.rsv, this.opcode, mask, this.lengthForm, this.claimedLength, this.payload);
	}

	public WireFrame mask(int key) {
		return mask(ByteBuffer.allocate(4).putInt(key).array());
	}

	/**
	 * As a client has to send it: with the key of the RFC's own examples.
	 */
	public WireFrame masked() {
		return mask(EXAMPLE_KEY);
	}

	/**
	 * As that side has to send it.
	 */
	public WireFrame from(Side side) {
		return (side == Side.CLIENT) ? masked() : this;
	}

	public WireFrame unmasked() {
		return mask((byte[]) null);
	}

	public boolean isMasked() {
		return this.mask != null;
	}

	/**
	 * Writes the length in a form that may be longer than it has to be.
	 */
	public WireFrame lengthForm(LengthForm form) {
		return new WireFrame(this.fin, this.rsv, this.opcode, this.mask, form, this.claimedLength, this.payload);
	}

	/**
	 * Lets the header claim another length than the payload has; a negative one has the
	 * top bit set, which section 5.2 forbids.
	 */
	public WireFrame claimedLength(long length) {
		return new WireFrame(this.fin, this.rsv, this.opcode, this.mask, LengthForm.MINIMAL, length, this.payload);
	}

	/**
	 * Cuts the frame into fragments of at most this many bytes; each keeps the mask, the
	 * first one the opcode and RSV bits.
	 */
	public WireFrame[] fragments(int size) {
		if (size < 1) {
			throw new IllegalArgumentException("size: " + size + " (expected: >= 1)");
		}
		int count = Math.max(1, this.payload.length / size + ((this.payload.length % size != 0) ? 1 : 0));
		WireFrame[] fragments = new WireFrame[count];
		for (int i = 0; i < count; i++) {
			int start = i * size;
			byte[] part = Arrays.copyOfRange(this.payload, start, start + Math.min(this.payload.length - start, size));
			fragments[i] = new WireFrame(this.fin && i == count - 1, (i != 0) ? 0 : this.rsv,
					(i != 0) ? CONTINUATION : this.opcode, this.mask, LengthForm.MINIMAL, part.length, part);
		}
		return fragments;
	}

	@Override
	public byte @Nullable [] mask() {
		return (this.mask != null) ? this.mask.clone() : null;
	}

	@Override
	public byte[] payload() {
		return this.payload.clone();
	}

	public String payloadAsText() {
		return new String(this.payload, StandardCharsets.UTF_8);
	}

	/**
	 * The code of a close frame, or 1005 for one without.
	 */
	public int closeCode() {
		return (this.payload.length < 2) ? 1005 : ByteBuffer.wrap(this.payload).getShort() & 0xFFFF;
	}

	public String closeReason() {
		return (this.payload.length < 2) ? ""
				: new String(this.payload, 2, this.payload.length - 2, StandardCharsets.UTF_8);
	}

	/**
	 * The header alone, masking key included.
	 */
	public byte[] header() {
		ByteBuffer header = ByteBuffer.allocate(14);
		header.put((byte) ((this.fin ? 0x80 : 0) | (this.rsv << 4) | this.opcode));
		int maskBit = (this.mask != null) ? 0x80 : 0;
		LengthForm shortest = LengthForm.shortestFor(this.claimedLength);
		switch ((this.lengthForm != LengthForm.MINIMAL) ? this.lengthForm : shortest) {
			case MINIMAL -> header.put((byte) (maskBit | (int) this.claimedLength));
			case SIXTEEN_BIT -> header.put((byte) (maskBit | 126)).putShort((short) this.claimedLength);
			case SIXTY_FOUR_BIT -> header.put((byte) (maskBit | 127)).putLong(this.claimedLength);
		}
		if (this.mask != null) {
			header.put(this.mask);
		}
		return Arrays.copyOf(header.array(), header.position());
	}

	/**
	 * The frame's bytes: for a frame that was read and claims no false length, the very
	 * bytes that were read.
	 */
	public byte[] encode() {
		byte[] header = header();
		byte[] bytes = Arrays.copyOf(header, header.length + this.payload.length);
		System.arraycopy(this.payload, 0, bytes, header.length, this.payload.length);
		applyMask(this.mask, bytes, header.length);
		return bytes;
	}

	/**
	 * The bytes of several frames, one after the other.
	 */
	public static byte[] encodeAll(WireFrame... frames) {
		byte[][] encoded = Arrays.stream(frames).map(WireFrame::encode).toArray(byte[][]::new);
		ByteBuffer all = ByteBuffer.allocate(Arrays.stream(encoded).mapToInt((bytes) -> bytes.length).sum());
		for (byte[] bytes : encoded) {
			all.put(bytes);
		}
		return all.array();
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof WireFrame that && this.fin == that.fin && this.rsv == that.rsv
				&& this.opcode == that.opcode && this.lengthForm == that.lengthForm
				&& this.claimedLength == that.claimedLength && Arrays.equals(this.mask, that.mask)
				&& Arrays.equals(this.payload, that.payload);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.fin, this.rsv, this.opcode, this.lengthForm, this.claimedLength,
				Arrays.hashCode(this.mask), Arrays.hashCode(this.payload));
	}

	/**
	 * One line for assertion messages, such as
	 * {@code TEXT fin mask=37fa213d 5 bytes "Hello"}.
	 */
	@Override
	public String toString() {
		StringBuilder line = new StringBuilder(opcodeName());
		line.append(this.fin ? " fin" : " more");
		if (this.rsv != 0) {
			line.append(" rsv=").append(this.rsv);
		}
		if (this.mask != null) {
			line.append(" mask=").append(HexFormat.of().formatHex(this.mask));
		}
		if (this.lengthForm != LengthForm.MINIMAL) {
			line.append(" length=").append(this.lengthForm);
		}
		if (this.claimedLength != this.payload.length) {
			line.append(" claims ").append(Long.toUnsignedString(this.claimedLength));
		}
		line.append(' ').append(this.payload.length).append(" bytes");
		if (this.opcode == CLOSE && this.payload.length >= 2) {
			line.append(' ').append(closeCode()).append(" \"").append(closeReason()).append('"');
		}
		else if (this.payload.length > 0) {
			line.append(' ').append(describePayload());
		}
		return line.toString();
	}

	private String describePayload() {
		byte[] shown = Arrays.copyOf(this.payload, Math.min(this.payload.length, SHOWN_BYTES));
		String start = (this.opcode != BINARY) ? '"' + new String(shown, StandardCharsets.UTF_8) + '"'
				: HexFormat.of().formatHex(shown);
		if (shown.length == this.payload.length) {
			return start;
		}
		CRC32 crc = new CRC32();
		crc.update(this.payload);
		return start + "... crc=" + Long.toHexString(crc.getValue());
	}

	private String opcodeName() {
		return switch (this.opcode) {
			case CONTINUATION -> "CONTINUATION";
			case TEXT -> "TEXT";
			case BINARY -> "BINARY";
			case CLOSE -> "CLOSE";
			case PING -> "PING";
			case PONG -> "PONG";
			default -> "OPCODE-" + Integer.toHexString(this.opcode);
		};
	}

	private static void applyMask(byte @Nullable [] mask, byte[] bytes, int offset) {
		if (mask != null) {
			for (int i = offset; i < bytes.length; i++) {
				bytes[i] ^= mask[(i - offset) & 3];
			}
		}
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * How a header writes the payload length, from short to long.
	 */
	public enum LengthForm {

		/** The shortest one that can hold it, as the RFC demands. */
		MINIMAL,

		/** 126 and two bytes. */
		SIXTEEN_BIT,

		/** 127 and eight bytes. */
		SIXTY_FOUR_BIT;

		/**
		 * The shortest form of a length, {@link #MINIMAL} standing for seven bits.
		 */
		private static LengthForm shortestFor(long length) {
			if (length >= 0 && length < 126) {
				return MINIMAL;
			}
			return (length >= 0 && length < 65_536) ? SIXTEEN_BIT : SIXTY_FOUR_BIT;
		}

	}

}
