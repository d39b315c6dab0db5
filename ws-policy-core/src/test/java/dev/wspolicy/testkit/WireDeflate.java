package dev.wspolicy.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * One peer's half of permessage-deflate (RFC 7692 section 7.2): what it compresses, and
 * what it makes of what it is sent. Keeps its context from message to message.
 */
public final class WireDeflate {

	private static final byte[] TAIL = { 0, 0, -1, -1 };

	private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);

	private final Inflater inflater = new Inflater(true);

	/** The payload of a whole compressed message. */
	public byte[] deflate(byte[] message) {
		this.deflater.setInput(message);
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		byte[] buffer = new byte[4096];
		int made;
		do {
			made = this.deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
			out.write(buffer, 0, made);
		}
		while (made == buffer.length);
		byte[] all = out.toByteArray();
		return (all.length > 4) ? Arrays.copyOf(all, all.length - 4) : new byte[1];
	}

	/** A compressed text message in one frame. */
	public WireFrame text(String text) {
		return message(WireFrame.TEXT, text.getBytes(StandardCharsets.UTF_8));
	}

	/** A compressed message in one frame. */
	public WireFrame message(int opcode, byte[] payload) {
		return WireFrame.of(opcode, deflate(payload)).rsv(4);
	}

	/** Begins anew with no earlier message to refer to. */
	public WireDeflate reset() {
		this.deflater.reset();
		this.inflater.reset();
		return this;
	}

	/** The message that a compressed payload stands for. */
	public byte[] inflate(byte[] payload) {
		byte[] input = Arrays.copyOf(payload, payload.length + 4);
		System.arraycopy(TAIL, 0, input, payload.length, 4);
		this.inflater.setInput(input);
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		byte[] buffer = new byte[4096];
		try {
			for (int made = this.inflater.inflate(buffer); made > 0; made = this.inflater.inflate(buffer)) {
				out.write(buffer, 0, made);
			}
		}
		catch (DataFormatException ex) {
			throw new AssertionError("not compressed data", ex);
		}
		return out.toByteArray();
	}

	public String inflateText(WireFrame... fragments) {
		ByteArrayOutputStream all = new ByteArrayOutputStream();
		for (WireFrame fragment : fragments) {
			all.writeBytes(fragment.payload());
		}
		return new String(inflate(all.toByteArray()), StandardCharsets.UTF_8);
	}

}
